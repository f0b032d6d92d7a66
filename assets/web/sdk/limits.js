// What this client accepts from a server, with unit and reason. The same numbers as the server's own limits.

/** Bytes of one message: a keyframe of a very large room, with room to spare. */
export const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
/** Bytes of a control message: a Welcome with its schema. */
export const MAX_CONTROL_BYTES = 1024 * 1024;
/** Bytes of a game's prior. */
export const MAX_PRIOR_BYTES = 64 * 1024;
/** Bytes of an Inputs message: what the server takes from a client at once. */
export const MAX_CLIENT_MESSAGE_BYTES = 4 * 1024;
/** Tables of a schema. */
export const MAX_TABLES = 64;
/** Columns of a row, an input, a command or an event. */
export const MAX_COLUMNS = 1024;
/** Levels of shapes inside shapes. */
export const MAX_SHAPE_DEPTH = 8;
/** Variants of an enum. */
export const MAX_VARIANTS = 256;
/** Bits of an angle: with more, neighbouring values would be the same f32. */
export const MAX_ANGLE_BITS = 22;
/** Bits of each sent component of a quaternion. */
export const MAX_QUAT_BITS = 16;
/** Rows of one table in one stream. */
export const MAX_ROWS = 65_535;
/** Cells (rows x columns) of all tables of one stream: 16 MiB. */
export const MAX_CELLS = 4 * 1024 * 1024;
/** Cells of all streams together: a hostile server may not fill the memory by many streams. */
export const MAX_CELLS_TOTAL = 4 * MAX_CELLS;
/** Streams a client follows at once: interest cells in view, its team, itself. */
export const MAX_STREAMS = 1024;
/** Events in one snapshot: 4096 in each of a few chunks. */
export const MAX_EVENTS = 16384;
/** Stream hashes in one snapshot. */
export const MAX_HASHES = 4096;
/** Inputs in one message: its count has four bits. */
export const MAX_INPUTS = 15;
/** Reliable messages kept until they are acknowledged, and their bytes. */
export const MAX_RELIABLE = 64;
export const MAX_RELIABLE_BYTES = 64 * 1024;
