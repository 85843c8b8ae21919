package org.gatefold.archfixture.doctor;

import org.gatefold.archfixture.data.Rows;

/** Breaks the rule: doctor must not know of data. */
public final class UsesData {
    Rows rows;
}
