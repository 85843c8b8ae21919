package org.gatefold.archfixture.data;

/** Something of the package data for other fixtures to import. */
public final class Rows {}
