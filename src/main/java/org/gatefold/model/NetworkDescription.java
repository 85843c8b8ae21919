package org.gatefold.model;

/** A network as plain data, without weights: what is needed to build it again. Immutable. */
public sealed interface NetworkDescription permits GraphDescription, ModuleDescription {}
