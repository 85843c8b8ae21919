package org.gatefold.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.gatefold.autograd.Variable;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.layer.Context;
import org.gatefold.layer.Options;
import org.gatefold.layer.basic.Linear;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Shape;
import org.junit.jupiter.api.Test;

class ModuleTest {
    @Test
    void isANetworkLikeOthers() {
        Network network = Network.of(() -> new PairModule(4));
        assertThat(network.inputs())
                .containsExactly(Map.entry("left", Form.sequences(1)), Map.entry("right", Form.sequences(1)));
        assertThat(network.outputs())
                .containsExactly(Map.entry("total", Form.rows(1)), Map.entry("side", Form.rows(2)));
        assertThat(network.parameters()).containsEntry("start", Shape.of(1, 4)).hasSize(10);
        assertThat(network.description())
                .isEqualTo(new ModuleDescription(PairModule.class.getName(), Map.of("units", 4)));
        Network again = Network.of(network.description());
        assertThat(again.parameters()).isEqualTo(network.parameters());
        try (Device device = Devices.named("reference");
                Model one = network.on(device).seed(4).build();
                Model two = again.on(device).seed(4).build();
                Context context = Context.inference(device)) {
            context.begin(0);
            Variable left = BatchFirst.sequences(context, new float[][][] {{{1f}, {2f}}, {{3f}}}, null);
            Variable right = BatchFirst.sequences(context, new float[][][] {{{4f}}, {{5f}, {6f}}}, null);
            Map<String, Variable> inputs = Map.of("left", left, "right", right);
            Map<String, Variable> expected = one.forward(context, inputs);
            Map<String, Variable> actual = two.forward(context, inputs);
            for (String output : expected.keySet()) {
                assertThat(actual.get(output).value().toFloats())
                        .isEqualTo(expected.get(output).value().toFloats());
            }
        }
    }

    /** Gives what it is told, whatever it declared. */
    private static final class Liar extends Module {
        private final Linear linear = layer(Linear.of(2), input("x", Form.rows(2)));

        Liar() {
            output("y", Form.rows(3));
        }

        @Override
        protected Map<String, Variable> forward(Context context, Map<String, Variable> inputs) {
            return Map.of("y", linear.forward(context, inputs.get("x")));
        }
    }

    @Test
    void mistakesAreNamed() {
        try (Device device = Devices.named("reference");
                Model model = Network.of(Liar::new).on(device).build();
                Context context = Context.inference(device)) {
            context.begin(0);
            Variable x = BatchFirst.rows(context, new float[][] {{1f, 2f}});
            assertThatThrownBy(() -> model.forward(context, x))
                    .hasMessage("output 'y': expected shape [B, 3], got [1, 2]");

            PairModule one = new PairModule(1);
            Network same = Network.of(() -> one);
            try (Model first = same.on(device).build()) {
                assertThatThrownBy(() -> build(same.on(device)))
                        .hasMessage("module: belongs to a model already; make a new one for each");
                assertThat(first.inputs()).hasSize(2);
            }
            AtomicInteger calls = new AtomicInteger();
            Network moody = Network.of(() -> calls.incrementAndGet() == 1 ? new PairModule(1) : new Liar());
            assertThatThrownBy(() -> build(moody.on(device))).hasMessageContaining("always make the same");
        }
        assertThatThrownBy(() -> Network.of(new ModuleDescription("java.lang.Runtime", Map.of())))
                .hasMessage("module type: expected a class that extends org.gatefold.model.Module, got"
                        + " java.lang.Runtime");
        assertThatThrownBy(() -> Network.of(new ModuleDescription(Liar.class.getName(), Map.of())))
                .hasMessageContaining("has no public static method described(Options)");
        Modules.register("PairOfThree", (Options options) -> new PairModule(3));
        assertThat(Network.of(new ModuleDescription("PairOfThree", Map.of())).outputs())
                .hasSize(2);
    }

    private static void build(Model.Builder builder) {
        try (Model model = builder.build()) {
            throw new AssertionError("built " + model.network());
        }
    }
}
