package org.gatefold.device;

import com.google.errorprone.annotations.MustBeClosed;
import org.gatefold.tensor.Call;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * Room on the host for floats that are read while the device goes on: {@link #submit} says when, in the order of the work, they are
 * copied, and {@link #take} waits for that copy alone. Where operations are done when their call returns, they are copied at once.
 *
 * <p>Owns the room; one thread at a time.
 */
public final class DownloadSlot implements AutoCloseable {
    private final Scope owner;
    private final Download download;
    private final float[] values;

    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // the fields are closed by close()
    DownloadSlot(Device device, String name, Backend.Session session, Memory memory, int count) {
        this.owner = Scope.openOn(device, memory, name);
        this.values = new float[count];
        this.download = session.download(count).map(owner::own).orElse(null);
    }

    /** Whether {@link #take} may have to wait: not where floats are copied at once. */
    public boolean waits() {
        return download != null;
    }

    /**
     * Copies all elements of a tensor, as the work submitted so far leaves them, in the place of what was copied before.
     *
     * @param source of as many floats as this has room for
     */
    public void submit(Tensor source) {
        Shape.require("source", source.shape(), values.length);
        Call call = Call.begin(source);
        try {
            owner.requireOpen();
            if (download == null) {
                source.read(0, values, 0, values.length);
            } else {
                download.submit(source.block(), source.offset());
            }
        } finally {
            call.end();
        }
    }

    /** What was copied last, when it has arrived; valid until the next {@link #submit}. */
    public float[] take() {
        Call call = Call.begin();
        try {
            owner.requireOpen();
            if (download != null) {
                download.await(values);
            }
            return values;
        } finally {
            call.end();
        }
    }

    /** Frees the room. */
    @Override
    public void close() {
        owner.close();
    }
}
