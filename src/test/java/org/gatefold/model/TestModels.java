package org.gatefold.model;

import com.google.errorprone.annotations.MustBeClosed;
import java.util.Random;
import org.gatefold.autograd.Variable;
import org.gatefold.device.Device;
import org.gatefold.layer.Context;
import org.gatefold.layer.basic.ActivationLayer;
import org.gatefold.layer.basic.Dropout;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.op.elementwise.ElementwiseOp;
import org.gatefold.op.loss.LossOp;
import org.gatefold.op.loss.PointwiseLoss;
import org.gatefold.tensor.Tensor;

/** Small models and steps that several tests share. */
final class TestModels {
    static final int FEATURES = 3;

    private TestModels() {}

    @MustBeClosed
    static Sequential forecaster(Device device, long seed) {
        return Sequential.on(device)
                .seed(seed)
                .add(Lstm.of(6).layers(2).bidirectional().dropout(0.2f))
                .add(Dropout.of(0.1f))
                .add(Linear.of(4))
                .add(ActivationLayer.tanh())
                .add(Linear.of(1))
                .build(FEATURES);
    }

    /** Rows of unequal length, the first of full length. */
    static float[][][] sequences(int batch, int steps, long seed) {
        Random random = new Random(seed);
        float[][][] rows = new float[batch][][];
        for (int row = 0; row < batch; row++) {
            rows[row] = new float[row == 0 ? steps : random.nextInt(steps + 1)][FEATURES];
            for (float[] step : rows[row]) {
                for (int f = 0; f < FEATURES; f++) {
                    step[f] = (float) random.nextGaussian();
                }
            }
        }
        return rows;
    }

    /** One step of plain gradient descent towards zeros; gives the loss. */
    static float step(Sequential model, Context context, long number, float[][][] rows) {
        context.begin(number);
        model.parameters().zeroGradients();
        Variable y = model.forward(context, BatchFirst.sequences(context, rows, null));
        Tensor loss = context.scope().f32("loss", 1);
        Tensor target = context.scope().zeros("target", y.shape());
        Tensor dy = y.contribution();
        context.device()
                .operation(LossOp.class)
                .pointwise(PointwiseLoss.mse(), null, y.value(), target, null, loss, dy);
        y.contributed(dy);
        context.tape().backward();
        context.op(ElementwiseOp.class)
                .addScaled(
                        -0.1f,
                        model.parameters().gradients(),
                        model.parameters().values());
        model.parameters().changed();
        return loss.item();
    }
}
