package org.gatefold.backend.cpu;

import org.gatefold.op.recurrent.RecurrentWeights;
import org.gatefold.op.recurrent.RecurrentWeights.Part;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;

/** Addresses of optional arguments. */
final class Addresses {
    private static final Part[] PARTS = Part.values();

    private Addresses() {}

    /** 0 for null. */
    static long of(Tensor tensor) {
        return tensor == null ? 0 : tensor.address();
    }

    /** 0 for null, which means all rows at full length. */
    static long of(Lengths lengths) {
        return lengths == null ? 0 : lengths.onDevice().address();
    }

    /** wx, wh, b, p, wr and norm of every set; 0 for a part that is not there. */
    static long[] of(RecurrentWeights weights) {
        long[] addresses = new long[PARTS.length * weights.sets().size()];
        int at = 0;
        for (RecurrentWeights.Set set : weights.sets()) {
            for (Part part : PARTS) {
                addresses[at++] = of(set.get(part));
            }
        }
        return addresses;
    }
}
