package org.gatefold.layer.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.gatefold.autograd.Variable;
import org.gatefold.contract.CentralDifference;
import org.gatefold.data.Batch;
import org.gatefold.data.Dataset;
import org.gatefold.data.DeviceBatch;
import org.gatefold.layer.Context;
import org.gatefold.layer.Parameter;
import org.gatefold.model.Model;
import org.gatefold.tensor.Tensor;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.loss.Outputs;

/** Loss and gradients of a model's step, beside a function of its parameters in double precision and its central differences. */
final class LossGradients {
    private static final double STEP = 1e-5;

    private LossGradients() {}

    /**
     * Compares loss and gradients in a training step.
     *
     * @param step its number
     * @param scale by which the loss is multiplied on the way back
     * @param expected the loss, by parameters row-major under their names
     * @return the loss
     */
    static double check(
            Model model,
            Dataset data,
            Loss loss,
            long step,
            float scale,
            ToDoubleFunction<Map<String, double[]>> expected) {
        Map<String, double[]> parameters = values(model);
        model.parameters().zeroGradients();
        double found;
        try (Context context = Context.training(model.device(), 9)) {
            found = pass(context, model, data.batch(), loss, step, scale);
        }
        double right = expected.applyAsDouble(parameters);
        assertThat(found).isCloseTo(right, within(2e-5 * (1 + Math.abs(right))));
        for (Parameter parameter : model.parameters().list()) {
            float[] gradient = parameter.gradient().toFloats();
            double[] at = parameters.get(parameter.name());
            for (int i = 0; i < at.length; i++) {
                double slope = CentralDifference.slope(at, i, STEP, () -> expected.applyAsDouble(parameters));
                assertThat((double) gradient[i])
                        .as("gradient of %s[%d]", parameter.name(), i)
                        .isCloseTo(scale * slope, within(2e-5 * scale));
            }
        }
        return found;
    }

    /** A training step without an update. */
    static double pass(Context context, Model model, Batch data, Loss loss, long step, float scale) {
        context.begin(step);
        DeviceBatch batch = data.upload(context.scope());
        Variable x = Variable.constant(
                batch.inputs().get(0).value(), batch.inputs().get(0).lengths());
        Tensor value = context.scope().f32("loss", 1);
        loss.compute(Outputs.of(context, model.forward(context, x)).times(scale), batch, value);
        context.tape().backward();
        return value.item();
    }

    /** Parameters by name. */
    static Map<String, double[]> values(Model model) {
        Map<String, double[]> values = new LinkedHashMap<>();
        for (Parameter parameter : model.parameters().list()) {
            float[] floats = parameter.value().toFloats();
            double[] doubles = new double[floats.length];
            for (int i = 0; i < doubles.length; i++) {
                doubles[i] = floats[i];
            }
            values.put(parameter.name(), doubles);
        }
        return values;
    }

    /** {@code W x}, W row-major. */
    static double[] product(double[] w, double[] x) {
        double[] y = new double[w.length / x.length];
        for (int o = 0; o < y.length; o++) {
            for (int i = 0; i < x.length; i++) {
                y[o] += w[o * x.length + i] * x[i];
            }
        }
        return y;
    }

    static double[] logSoftmax(double[] logits) {
        double largest = Double.NEGATIVE_INFINITY;
        for (double logit : logits) {
            largest = Math.max(largest, logit);
        }
        double sum = 0;
        for (double logit : logits) {
            sum += Math.exp(logit - largest);
        }
        double[] logarithms = new double[logits.length];
        for (int i = 0; i < logits.length; i++) {
            logarithms[i] = logits[i] - largest - Math.log(sum);
        }
        return logarithms;
    }

    static double[] doubles(float[] floats) {
        double[] doubles = new double[floats.length];
        for (int i = 0; i < doubles.length; i++) {
            doubles[i] = floats[i];
        }
        return doubles;
    }
}
