package org.gatefold.archfixture.data;

import org.gatefold.archfixture.data.text.Lines;

/** Breaks the rule that batches know no reader. */
public final class UsesReader {
    Lines lines;
}
