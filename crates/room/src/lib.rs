//! Sans-I/O match room: seats, sessions, input buffers, schedule, fan-out
