//! Skirmish: a small top-down arena shooter on Tickwire
