package org.gatefold.data.video;

import java.util.ArrayList;
import java.util.List;

/**
 * Keeps frames of a film of unknown length, evenly over it, and never more than twice as many as are wanted in the end. One thread.
 */
final class FrameSampler {
    private final int most;
    private final List<byte[]> kept = new ArrayList<>();
    private int stride = 1;
    private int seen;

    /** @param most frames in the end, at least 1 */
    FrameSampler(int most) {
        this.most = most;
    }

    /** True if the next frame is kept, so that the others need not be made ready. */
    boolean wantsNext() {
        return seen % stride == 0;
    }

    /** Takes the next frame; one that is not wanted may be null. */
    void add(byte[] frame) {
        if (wantsNext()) {
            kept.add(frame);
        }
        seen++;
        if (kept.size() > 2 * most) {
            for (int i = kept.size() - 1; i > 0; i--) {
                if (i % 2 == 1) {
                    kept.remove(i);
                }
            }
            stride *= 2;
        }
    }

    /** The frames, in their order. */
    List<byte[]> frames() {
        return evenly(kept, most);
    }

    /** As many elements of a list as are wanted, evenly over it; all if there are no more. */
    static <E> List<E> evenly(List<E> all, int most) {
        if (all.size() <= most) {
            return List.copyOf(all);
        }
        List<E> chosen = new ArrayList<>();
        for (int i = 0; i < most; i++) {
            chosen.add(all.get((int) ((i + 0.5) * all.size() / most)));
        }
        return chosen;
    }
}
