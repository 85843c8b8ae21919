package org.gatefold.archfixture.file;

import org.gatefold.archfixture.device.Place;

/** Breaks the rule that file sees tensor only. */
public final class UsesDevice {
    Place place;
}
