//! Native Tickwire client: session, clock, prediction, interpolation
