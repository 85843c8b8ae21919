package org.gatefold.archfixture.data.text;

/** A reader that stands to the right of tables. */
public final class Lines {}
