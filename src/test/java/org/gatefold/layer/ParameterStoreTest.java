package org.gatefold.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Scope;
import org.gatefold.op.optimizer.Segments;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ParameterStoreTest {
    private final Device device = Devices.named("reference");
    private final Scope scope = device.openScope("model");
    private final ParameterStore store = new ParameterStore();

    @AfterEach
    void close() {
        scope.close();
        device.close();
    }

    private void declare() {
        store.declare("a.w", Shape.of(3, 5), Initializer.constant(1f));
        store.declare("a.b", Shape.of(65), Initializer.constant(2f));
        store.declare("c.w", Shape.of(2, 2), Initializer.constant(3f));
    }

    @Test
    void parametersArePartsOfOneBufferWithZerosBetween() {
        declare();
        store.allocate(scope, 0);
        assertThat(store.list()).extracting(Parameter::offset).containsExactly(0L, 64L, 192L);
        assertThat(store.count()).isEqualTo(15 + 65 + 4);
        float[] flat = store.values().toFloats();
        assertThat(flat).hasSize(256);
        for (int i = 0; i < flat.length; i++) {
            float expected = i < 15 ? 1f : i >= 64 && i < 129 ? 2f : i >= 192 && i < 196 ? 3f : 0f;
            assertThat(flat[i]).as("element %d", i).isEqualTo(expected);
        }
        store.get("a.b").gradient().fill(7f);
        assertThat(store.gradients().toFloats()[64]).isEqualTo(7f);
        store.zeroGradients();
        assertThat(store.get("a.b").gradient().toFloats()).containsOnly(0f);
    }

    /** First weights follow from seed and name: what else a model has, and in what order, changes none of them. */
    @Test
    void firstValuesDependOnSeedAndNameAlone() {
        Shape shape = Shape.of(3, 5);
        store.declare("a.w", shape, Initializer.GLOROT_UNIFORM);
        store.declare("b.w", shape, Initializer.GLOROT_UNIFORM);
        store.allocate(scope, 7);
        ParameterStore other = new ParameterStore();
        other.declare("new.w", Shape.of(100, 4), Initializer.ORTHOGONAL);
        other.declare("b.w", shape, Initializer.GLOROT_UNIFORM);
        other.declare("a.w", shape, Initializer.GLOROT_UNIFORM);
        other.allocate(scope, 7);
        ParameterStore reseeded = new ParameterStore();
        reseeded.declare("a.w", shape, Initializer.GLOROT_UNIFORM);
        reseeded.allocate(scope, 8);

        float[] a = store.get("a.w").value().toFloats();
        float[] b = store.get("b.w").value().toFloats();
        assertThat(other.get("a.w").value().toFloats()).isEqualTo(a);
        assertThat(other.get("b.w").value().toFloats()).isEqualTo(b).isNotEqualTo(a);
        assertThat(reseeded.get("a.w").value().toFloats()).isNotEqualTo(a);
    }

    /** The rule is part of the interface: models of other releases begin with the same weights. */
    @Test
    void firstValuesStayWhatTheyAre() {
        store.declare("lstm.0.forward.wx", Shape.of(1, 3), Initializer.uniform(1f));
        store.allocate(scope, 42);
        assertThat(store.get("lstm.0.forward.wx").value().toFloats())
                .containsExactly(0.78555655f, 0.03786616f, -0.90410674f);
    }

    @Test
    void segmentsTellFactors() {
        declare();
        store.freeze("a.");
        store.setLearningRate("c.w", 0.5f);
        store.setPenalty("c", 3f);
        Segments segments = store.segments();
        assertThat(segments.list())
                .containsExactly(
                        new Segments.Segment("a.w", 0, 15, 0f, 1f),
                        new Segments.Segment("a.b", 64, 65, 0f, 0f),
                        new Segments.Segment("c.w", 192, 4, 0.5f, 3f));
        store.unfreeze("a.b");
        assertThat(store.get("a.b").isFrozen()).isFalse();
        assertThatThrownBy(() -> store.freeze("x"))
                .hasMessage("prefix: expected the start of one of [a.w, a.b, c.w], got 'x'");
        assertThatThrownBy(() -> store.setPenalty("a", -1f)).hasMessageContaining("finite factor >= 0");
    }

    @Test
    void statisticsAreFrozenAndSayWhatTheyAre() {
        declare();
        Parameter mean = store.statistic("d.mean", Shape.of(3), Initializer.ZEROS);
        assertThat(mean.isStatistic()).isTrue();
        assertThat(mean.isFrozen()).isTrue();
        store.freeze("a.");
        assertThat(store.get("a.w").isStatistic()).isFalse();
    }

    @Test
    void theVersionGrowsWithEveryChange() {
        declare();
        long before = store.version();
        store.allocate(scope, 0);
        long allocated = store.version();
        store.changed();
        assertThat(allocated).isGreaterThan(before);
        assertThat(store.version()).isGreaterThan(allocated);
    }

    @Test
    void theVersionGrowsWhenValuesAreWrittenThroughTheirTensors() {
        declare();
        store.allocate(scope, 0);
        Tensor value = store.get("c.w").value();
        List<Runnable> writes = List.of(
                () -> value.write(1f, 2f, 3f, 4f),
                () -> value.reshape(4).write(1, new float[] {5f}, 0, 1),
                () -> value.rows(1, 1).fill(6f),
                () -> value.copyFrom(scope.zeros("zeros", 2, 2)),
                () -> store.values().fill(7f),
                () -> store.values().part("some", 0, Shape.of(2)).write(8f, 9f));
        for (Runnable write : writes) {
            long before = store.version();
            write.run();
            assertThat(store.version()).isGreaterThan(before);
        }
        long before = store.version();
        value.toFloats();
        scope.zeros("copy", 2, 2).copyFrom(value);
        assertThat(store.version()).as("reading").isEqualTo(before);
    }

    @Test
    void valuesAreCopiedBetweenDevices() {
        declare();
        store.allocate(scope, 0);
        store.get("c.w").value().write(1f, 2f, 3f, 4f);
        try (Device other = Devices.named("reference");
                Scope otherScope = other.openScope("other")) {
            ParameterStore copy = new ParameterStore();
            copy.declare("a.w", Shape.of(3, 5), Initializer.ZEROS);
            copy.declare("a.b", Shape.of(65), Initializer.ZEROS);
            copy.declare("c.w", Shape.of(2, 2), Initializer.ZEROS);
            copy.allocate(otherScope, 0);
            long version = copy.version();
            copy.copyFrom(store);
            assertThat(copy.values().toFloats()).isEqualTo(store.values().toFloats());
            assertThat(copy.version()).isGreaterThan(version);

            ParameterStore different = new ParameterStore();
            different.declare("a.w", Shape.of(3, 5), Initializer.ZEROS);
            assertThatThrownBy(() -> copy.copyFrom(different))
                    .hasMessage("source: expected parameters [a.w, a.b, c.w], got [a.w]");
        }
    }

    @Test
    void mistakesAreNamed() {
        declare();
        assertThatThrownBy(() -> store.declare("a.w", Shape.of(1), Initializer.ZEROS))
                .hasMessageContaining("the name is taken");
        assertThatThrownBy(() -> store.get("a.w").value()).hasMessageContaining("before its model is built");
        store.allocate(scope, 0);
        assertThatThrownBy(() -> store.declare("d", Shape.of(1), Initializer.ZEROS))
                .hasMessageContaining("the model is built already");
        assertThatThrownBy(() -> store.allocate(scope, 0)).hasMessageContaining("allocated already");
        assertThatThrownBy(() -> store.get("d")).hasMessage("parameter: expected one of [a.w, a.b, c.w], got 'd'");
    }
}
