//! The buffers that the kernel receives into: it takes one when bytes have come, and gets it back when
//! they have been read.

#![expect(unsafe_code, reason = "memory shared with the kernel")]

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::io;
use std::ops::Deref;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU16, Ordering};

use io_uring::IoUring;
use io_uring::types::BufRingEntry;

/// The group's number; a ring of ours has one group.
pub(crate) const GROUP: u16 = 0;

/// The kernel wants the list of buffers to begin a page.
const PAGE_BYTES: usize = 4096;

/// Buffers in the kernel's hands, and the list by which they get there.
///
/// Each buffer belongs to one side at any time. To the kernel: from when its entry is published in the
/// list (the `tail`) until a completion names it. To us: from there, as a [`Filled`], until it is
/// published again. Only [`Buffers::lend`] looks into the memory, and it asks for a [`Filled`].
///
/// The memory outlives the kernel's use of it because [`Queues`](crate::queues::Queues) drops this only
/// after its last operation has ended; otherwise it leaks it.
pub(crate) struct Buffers {
    /// The list: `count` entries, a power of two; its tail lies in the unused part of the first entry.
    list: NonNull<BufRingEntry>,
    /// The buffers, one after the other.
    data: NonNull<u8>,
    count: u16,
    /// Size of one.
    bytes: u32,
    /// Entries published so far, wrapping.
    tail: u16,
}

/// Proof that a buffer is ours and holds bytes. Losing one loses the use of the buffer, nothing else.
#[derive(Debug)]
pub(crate) struct Filled {
    id: u16,
    bytes: u32,
}

/// The bytes of a filled buffer. The kernel gets it back when this is dropped.
pub(crate) struct Lent<'a> {
    buffers: &'a mut Buffers,
    filled: Filled,
}

impl Buffers {
    /// Makes `count` buffers of `bytes` each and gives all of them to the kernel.
    ///
    /// # Errors
    /// When the kernel knows no such list, or may not pin that much memory.
    pub(crate) fn new(ring: &IoUring, count: u16, bytes: u32) -> io::Result<Self> {
        if !count.is_power_of_two() || bytes == 0 {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let (list_layout, data_layout) = layouts(count, bytes)?;
        let list: NonNull<BufRingEntry> = allocate(list_layout).cast();
        let data = allocate(data_layout);
        let mut buffers = Self { list, data, count, bytes, tail: 0 };
        // SAFETY: the list is aligned and long enough, and lives until `Buffers` is dropped, which
        // `Queues` does after it has closed the ring.
        unsafe {
            ring.submitter().register_buf_ring_with_flags(list.as_ptr() as u64, count, GROUP, 0)
        }?;
        for id in 0..count {
            buffers.give(id);
        }
        Ok(buffers)
    }

    /// The buffer that a completion names, with what it says has been written to it.
    ///
    /// # Safety
    /// A completion of the ring that these buffers are registered with must have named `id`, and no
    /// other [`Filled`] may have been made from it.
    pub(crate) unsafe fn filled(&self, id: u16, bytes: u32) -> Filled {
        assert!(id < self.count && bytes <= self.bytes, "the kernel named {bytes} bytes of {id}");
        Filled { id, bytes }
    }

    /// Opens a filled buffer, which must be one of these.
    pub(crate) fn lend(&mut self, filled: Filled) -> Lent<'_> {
        Lent { buffers: self, filled }
    }

    fn at(&self, id: u16) -> NonNull<u8> {
        // SAFETY: `id` is below `count` wherever an id comes from, so this stays in the allocation.
        unsafe { self.data.add(usize::from(id) * self.bytes as usize) }
    }

    /// Publishes a buffer that is ours.
    fn give(&mut self, id: u16) {
        let address = self.at(id);
        let place = self.tail & (self.count - 1);
        // SAFETY: `place` is below `count`.
        let entry = unsafe { self.list.add(usize::from(place)) };
        // SAFETY: the entry is ours: the kernel reads entries between its head and the tail, and there
        // are no more buffers than entries. Of the first entry it reads the tail at any time, which
        // these setters do not touch.
        let entry = unsafe { &mut *entry.as_ptr() };
        entry.set_addr(address.as_ptr() as u64);
        entry.set_len(self.bytes);
        entry.set_bid(id);
        self.tail = self.tail.wrapping_add(1);
        // SAFETY: `list` is the registered list's first entry, initialised with zeros.
        let tail: *const u16 = unsafe { BufRingEntry::tail(self.list.as_ptr()) };
        // SAFETY: aligned, alive, and accessed by us through this atomic only.
        let tail = unsafe { AtomicU16::from_ptr(tail.cast_mut()) };
        // The kernel must see the entry before the tail that publishes it.
        tail.store(self.tail, Ordering::Release);
    }
}

impl Drop for Buffers {
    fn drop(&mut self) {
        let Ok((list_layout, data_layout)) = layouts(self.count, self.bytes) else { return };
        // SAFETY: allocated in `new` with this layout; the ring is closed.
        unsafe { dealloc(self.list.as_ptr().cast(), list_layout) };
        // SAFETY: as above.
        unsafe { dealloc(self.data.as_ptr(), data_layout) };
    }
}

impl Deref for Lent<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        let start = self.buffers.at(self.filled.id);
        // SAFETY: the buffer is ours until `drop` publishes it; all of it was initialised with zeros,
        // and `bytes` is at most its size.
        unsafe { std::slice::from_raw_parts(start.as_ptr(), self.filled.bytes as usize) }
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        self.buffers.give(self.filled.id);
    }
}

fn layouts(count: u16, bytes: u32) -> io::Result<(Layout, Layout)> {
    let list = size_of::<BufRingEntry>() * usize::from(count);
    let data = bytes as usize * usize::from(count);
    let layout = |bytes| Layout::from_size_align(bytes, PAGE_BYTES).map_err(io::Error::other);
    Ok((layout(list)?, layout(data)?))
}

fn allocate(layout: Layout) -> NonNull<u8> {
    // SAFETY: no layout of ours has size zero: `new` refuses zero buffers and empty ones.
    let memory = unsafe { alloc_zeroed(layout) };
    NonNull::new(memory).unwrap_or_else(|| handle_alloc_error(layout))
}
