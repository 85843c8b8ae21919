package org.gatefold.op.elementwise;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.gatefold.op.verify.NamedCheck;
import org.gatefold.op.verify.Suite;
import org.gatefold.op.verify.Workbench;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/** Checks of elementwise operations on aligned and misaligned tensors of a size off the width of vectors. */
public final class ElementwiseSuite extends Suite<ElementwiseOp> {
    private static final int COUNT = 1031;
    private static final long DROPOUT_SEED = 0x1234_5678_9abc_def0L;

    public ElementwiseSuite() {
        super(ElementwiseOp.class, checks());
    }

    private static List<NamedCheck<ElementwiseOp>> checks() {
        List<NamedCheck<ElementwiseOp>> all = new ArrayList<>();
        for (int offset : new int[] {0, 1}) {
            String where = offset == 0 ? "" : ", misaligned";
            for (Activation.Kind kind : Activation.Kind.values()) {
                Activation function = new Activation(kind, 0.5f, 0.75f);
                String name = kind.name().toLowerCase(Locale.ROOT) + where;
                // Forward and backward in one, because an implementation may use x or y for the gradient.
                all.add(new NamedCheck<>("activations", name, (op, bench) -> {
                    Tensor x = input(bench, "x", offset);
                    Tensor y = output(bench, "y", offset);
                    Tensor dy = input(bench, "dy", offset);
                    Tensor dx = output(bench, "dx", offset);
                    return () -> {
                        op.activate(function, x, y);
                        op.activateBackward(function, x, y, dy, dx);
                    };
                }));
            }
            for (ElementwiseOp.Binary operator : ElementwiseOp.Binary.values()) {
                String name = operator.name().toLowerCase(Locale.ROOT) + where;
                all.add(new NamedCheck<>("arithmetic", name, (op, bench) -> {
                    Tensor a = input(bench, "a", offset);
                    Tensor b = input(bench, "b", offset);
                    Tensor y = output(bench, "y", offset);
                    return () -> op.combine(operator, a, b, y);
                }));
            }
            all.add(new NamedCheck<>("arithmetic", "add scaled" + where, (op, bench) -> {
                Tensor x = input(bench, "x", offset);
                Tensor y = bench.accumulator("y", COUNT + offset).part("y", offset, Shape.of(COUNT));
                return () -> op.addScaled(0.7f, x, y);
            }));
            all.add(new NamedCheck<>("arithmetic", "scale" + where, (op, bench) -> {
                Tensor x = input(bench, "x", offset);
                Tensor y = output(bench, "y", offset);
                return () -> op.scale(-1.3f, x, y);
            }));
            all.add(new NamedCheck<>("dropout", "p 0.3" + where, (op, bench) -> {
                Tensor x = input(bench, "x", offset);
                Tensor y = output(bench, "y", offset);
                return () -> op.dropout(0.3f, DROPOUT_SEED, 2, x, y);
            }));
        }
        return all;
    }

    private static Tensor input(Workbench bench, String name, int offset) {
        return bench.input(name, COUNT + offset).part(name, offset, Shape.of(COUNT));
    }

    private static Tensor output(Workbench bench, String name, int offset) {
        return bench.output(name, COUNT + offset).part(name, offset, Shape.of(COUNT));
    }
}
