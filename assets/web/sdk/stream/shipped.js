// The protocol's own prior, fetched only by those who join a room that needs it.

/** @type {Uint8Array | null} */
let loaded = null;
/** @type {Promise<void> | null} */
let loading = null;

/** @returns {boolean} whether `shippedPrior` can be called */
export function hasShippedPrior() {
  return loaded !== null;
}

/** @returns {Promise<void>} done when `shippedPrior` can be called; fails when the module cannot be fetched */
export function loadShippedPrior() {
  loading ??= import('../prior.js').then(
    (module) => {
      loaded = module.shippedPrior();
    },
    (error) => {
      loading = null;
      throw error;
    },
  );
  return loading;
}

/** @returns {Uint8Array} */
export function shippedPrior() {
  if (loaded === null) throw new Error('the prior of the protocol has not been loaded');
  return loaded;
}
