package org.gatefold.archfixture.device;

/** Something of the package device for other fixtures to import. */
public final class Place {}
