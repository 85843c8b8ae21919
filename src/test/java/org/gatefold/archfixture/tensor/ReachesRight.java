package org.gatefold.archfixture.tensor;

import org.gatefold.archfixture.device.Place;

/** Breaks the chain: tensor must not know of device. */
public final class ReachesRight {
    Place place;
}
