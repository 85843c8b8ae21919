package org.gatefold.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.gatefold.device.Scope;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * Tensors that lie between margins: those around inputs hold NaN, so that a read beyond the end shows in the result, and
 * those around outputs hold sentinels that {@link #check()} looks at. Outputs start as NaN.
 */
public final class Guarded {
    /** A margin that keeps tensors aligned as scopes align them. */
    public static final int ALIGNED = 64;

    /** A margin that leaves tensors aligned to their elements only. */
    public static final int MISALIGNED = 61;

    private static final float SENTINEL = -12345.678f;

    private record Output(Tensor whole, Tensor inner) {}

    private final Scope scope;
    private final int margin;
    private final List<Output> outputs = new ArrayList<>();

    public Guarded(Scope scope, int margin) {
        this.scope = scope;
        this.margin = margin;
    }

    /** A tensor of the given contents. */
    public Tensor input(String name, float[] values, int... shape) {
        Tensor whole = scope.f32(name + " with margins", values.length + 2 * margin);
        whole.fill(Float.NaN);
        whole.write(margin, values, 0, values.length);
        return whole.part(name, margin, Shape.of(shape));
    }

    /** A tensor of the given contents, or null for null. */
    public Tensor inputOrNull(String name, float[] values, int... shape) {
        return values == null ? null : input(name, values, shape);
    }

    /** A tensor that an operation is to fill. */
    public Tensor output(String name, int... shape) {
        return accumulator(name, Float.NaN, shape);
    }

    /** A tensor that an operation is to add to. */
    public Tensor accumulator(String name, float start, int... shape) {
        Shape inner = Shape.of(shape);
        int count = Math.toIntExact(inner.elements());
        Tensor whole = scope.f32(name + " with margins", count + 2 * margin);
        whole.fill(SENTINEL);
        float[] values = new float[count];
        Arrays.fill(values, start);
        whole.write(margin, values, 0, count);
        Tensor part = whole.part(name, margin, inner);
        outputs.add(new Output(whole, part));
        return part;
    }

    /** Checks that nothing was written beside an output. */
    public void check() {
        for (Output output : outputs) {
            float[] all = output.whole().toFloats();
            for (int i = 0; i < all.length; i++) {
                boolean inside = i >= margin && i < all.length - margin;
                if (!inside && all[i] != SENTINEL) {
                    assertThat(all[i])
                            .as("element %d of %s was overwritten", i - margin, output.inner())
                            .isEqualTo(SENTINEL);
                }
            }
        }
    }
}
