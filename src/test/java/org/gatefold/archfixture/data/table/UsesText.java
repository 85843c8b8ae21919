package org.gatefold.archfixture.data.table;

import org.gatefold.archfixture.data.text.Lines;

/** Breaks the order of the rooms of data: text may know of tables, not tables of text. */
public final class UsesText {
    Lines lines;
}
