package org.gatefold.layer.recurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.gatefold.autograd.Variable;
import org.gatefold.contract.OnEveryDevice;
import org.gatefold.contract.Subject;
import org.gatefold.device.Scope;
import org.gatefold.layer.Context;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.ParameterStore;
import org.gatefold.op.linear.LinearOp;
import org.gatefold.simulator.SimulatedDevice;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Tensor;
import org.junit.jupiter.api.BeforeAll;

/** Recurrent weights that are dropped in training. */
class WeightDropoutTest {
    private static final float P = 0.4f;
    private static final int UNITS = 16;

    @BeforeAll
    static void load() {
        SimulatedDevice.loadIfBuilt();
    }

    /** Which weights were dropped is read off the gradients, which are zero there alone. */
    @OnEveryDevice
    void aPassIsThatOfALayerWithoutTheDroppedWeights(String name, String implementation) {
        try (Subject subject = Subject.open(name, implementation, LinearOp.class);
                Scope scope = subject.device().openScope("model");
                Context context = Context.training(subject.device(), 7)) {
            Lstm dropping = Lstm.of(UNITS).weightDropout(P);
            Lstm plain = Lstm.of(UNITS);
            ParameterStore store = new ParameterStore();
            dropping.build(store, "dropping", Form.sequences(2));
            plain.build(store, "plain", Form.sequences(2));
            store.allocate(scope, 3);
            for (String part : new String[] {"wx", "b"}) {
                store.get("plain.0.forward." + part)
                        .set(store.get("dropping.0.forward." + part).value().toFloats());
            }
            Parameter wh = store.get("dropping.0.forward.wh");
            float[] before = null;
            for (int step = 1; step <= 2; step++) {
                store.zeroGradients();
                context.begin(step);
                Variable y = dropping.forward(context, input(context));
                float[] values = y.value().toFloats();
                assertThat(dropping.forward(context, input(context)).value().toFloats())
                        .as("the same weights throughout a step")
                        .containsExactly(values);
                assertThat(values).as("other weights in another step").isNotEqualTo(before);
                before = values;
                y.gradient().fill(1f);
                context.tape().backward();
                float[] weights = wh.value().toFloats();
                float[] gradient = wh.gradient().toFloats();
                int count = 0;
                for (int i = 0; i < weights.length; i++) {
                    boolean gone = gradient[i] == 0f;
                    count += gone ? 1 : 0;
                    weights[i] = gone ? 0f : weights[i] / (1 - P);
                }
                assertThat(count / (double) weights.length).isCloseTo(P, within(0.06));
                store.get("plain.0.forward.wh").set(weights);
                assertThat(plain.forward(context, input(context)).value().toFloats())
                        .containsExactly(values, within(1e-6f));
            }
            context.begin(3);
            context.setDropout(false);
            store.get("plain.0.forward.wh").set(wh.value().toFloats());
            assertThat(dropping.forward(context, input(context)).value().toFloats())
                    .as("nothing is dropped but in training")
                    .containsExactly(
                            plain.forward(context, input(context)).value().toFloats());
        }
    }

    private static Variable input(Context context) {
        Random random = new Random(4);
        float[] values = new float[4 * 3 * 2];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat() - 0.5f;
        }
        Tensor x = context.scope().f32("x", 4, 3, 2);
        x.write(values);
        return Variable.constant(x);
    }
}
