package org.gatefold.layer.recurrent.norm;

import org.gatefold.device.Scope;
import org.gatefold.layer.Parameter;
import org.gatefold.op.elementwise.ElementwiseOp;
import org.gatefold.op.norm.NormOp;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/** The running statistics of one direction's input product in its weights and bias. One thread at a time. */
final class RunningFold {
    private final NormOp op;
    private final InputNorm.Gains gains;
    private final Tensor zeros;
    private final float epsilon;

    /** @param zeros {@code [G·H]} */
    RunningFold(NormOp op, InputNorm.Gains gains, Tensor zeros, float epsilon) {
        this.op = op;
        this.gains = gains;
        this.zeros = zeros;
        this.epsilon = epsilon;
    }

    /**
     * Writes {@code s ⊙ Wx} and {@code b - s ⊙ mean} with {@code s = γ / √(variance + epsilon)}.
     *
     * @param b what is behind its first G·H numbers is of the recurrence, and stays
     */
    void write(Tensor wx, Tensor b) {
        Tensor gamma = gains.gamma().value();
        Tensor variance = gains.variance().value();
        op.batchNorm(rows(gains.wx().value()), null, zeros, variance, gamma, null, epsilon, rows(wx));
        Tensor given = gains.b() == null ? null : gains.b().value();
        Tensor shift = given == null ? null : ofInput(given);
        op.batchNorm(rows(zeros), null, gains.mean().value(), variance, gamma, shift, epsilon, rows(ofInput(b)));
        if (b.elements() > gains.rows()) {
            if (given == null) {
                ofState(b).fill(0f);
            } else {
                ofState(b).copyFrom(ofState(given));
            }
        }
    }

    /** Adds to the gradients of the parameters what those of both results say. */
    void back(Tensor dwx, Tensor db, Scope scope) {
        ElementwiseOp sums = scope.device().operation(ElementwiseOp.class);
        Parameter wx = gains.wx();
        Parameter b = gains.b();
        Tensor gamma = gains.gamma().value();
        Tensor variance = gains.variance().value();
        Tensor dgamma = gains.gamma().isFrozen() ? null : gains.gamma().gradient();
        boolean wantsBias = b != null && !b.isFrozen();
        Tensor own = wx.isFrozen() ? null : scope.f32("dwx", wx.shape());
        op.batchNormBackward(
                false,
                rows(wx.value()),
                null,
                zeros,
                variance,
                gamma,
                epsilon,
                rows(dwx),
                own == null ? null : rows(own),
                dgamma,
                null);
        if (own != null) {
            sums.addScaled(1f, own, wx.gradient());
        }
        op.batchNormBackward(
                false,
                rows(zeros),
                null,
                gains.mean().value(),
                variance,
                gamma,
                epsilon,
                rows(ofInput(db)),
                null,
                dgamma,
                wantsBias ? ofInput(b.gradient()) : null);
        if (wantsBias && db.elements() > gains.rows()) {
            sums.addScaled(1f, ofState(db), ofState(b.gradient()));
        }
    }

    /** The rows of a matrix, or the elements of a vector, as channels. */
    static Tensor rows(Tensor tensor) {
        int rows = tensor.shape().dim(0);
        return tensor.reshape(1, rows, Math.toIntExact(tensor.elements() / rows));
    }

    private Tensor ofInput(Tensor bias) {
        return bias.part("bias of the input", 0, Shape.of(gains.rows()));
    }

    private Tensor ofState(Tensor bias) {
        return bias.part("bias of the state", gains.rows(), Shape.of(Math.toIntExact(bias.elements()) - gains.rows()));
    }
}
