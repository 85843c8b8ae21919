package org.gatefold.backend.reference.operation;

import org.gatefold.backend.reference.math.ReferenceName;
import org.gatefold.device.Operation;

/** What the operations of the reference have in common: their name. Stateless. */
abstract class ReferenceOperation implements Operation {
    @Override
    public final String name() {
        return ReferenceName.NAME;
    }
}
