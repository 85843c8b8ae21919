package org.gatefold.model;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.gatefold.layer.Context;
import org.gatefold.tensor.Call;

/** Lets one call at a time use what belongs to a model, and keeps the memory of both till it ends. Thread-safe. */
final class SoleUse {
    private final Model model;
    private final String refusal;
    private final AtomicBoolean inUse = new AtomicBoolean();

    /** @param refusal what a call is told while another is in progress */
    SoleUse(Model model, String refusal) {
        this.model = model;
        this.refusal = refusal;
    }

    /**
     * Does some work in a context of its own.
     *
     * @throws IllegalStateException if another call is in progress, or if the model is closed
     */
    <R> R of(Context context, Supplier<R> work) {
        model.requireOpen();
        if (!inUse.compareAndSet(false, true)) {
            throw new IllegalStateException(refusal);
        }
        try {
            Call call = model.call(context);
            try {
                return work.get();
            } finally {
                call.end();
            }
        } finally {
            inUse.setRelease(false);
        }
    }
}
