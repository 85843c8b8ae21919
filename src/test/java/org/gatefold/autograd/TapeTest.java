package org.gatefold.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Scope;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TapeTest {
    private final Device device = Devices.named("reference");
    private final Scope scope = device.openScope("test");
    private final Tape tape = new Tape();

    @AfterEach
    void close() {
        scope.close();
        device.close();
    }

    private Variable variable(float... values) {
        Tensor tensor = scope.f32("v", values.length);
        tensor.write(values);
        return Variable.of(tensor, null, scope);
    }

    private static void contribute(Variable to, float... values) {
        Tensor contribution = to.contribution();
        contribution.write(values);
        to.contributed(contribution);
    }

    @Test
    void stepsRunInReverseOnceAndOnlyWhereGradientsArrived() {
        Variable a = variable(1f);
        Variable b = variable(2f);
        Variable unused = variable(3f);
        List<String> order = new ArrayList<>();
        tape.record(a, () -> order.add("a"));
        tape.record(unused, () -> order.add("unused"));
        tape.record(b, () -> {
            order.add("b");
            contribute(a, 4f);
        });
        tape.backward(b);
        assertThat(order).containsExactly("b", "a");
        assertThat(b.gradient().item()).isEqualTo(1f);
        assertThat(tape.size()).isZero();
        assertThatThrownBy(tape::backward)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("tape: holds no steps; run a forward pass before every backward pass");
    }

    @Test
    void aFailedBackwardPassLeavesAnEmptyTape() {
        tape.record(() -> {
            throw new IllegalStateException("planned");
        });
        assertThatThrownBy(tape::backward).hasMessage("planned");
        assertThat(tape.size()).isZero();
    }

    @Test
    void stepsMayNotChangeTheTape() {
        tape.record(tape::clear);
        assertThatThrownBy(tape::backward).hasMessage("tape: clear was called from a backward step");
    }

    @Test
    void aLossIsOneNumberThatDependsOnSomething() {
        assertThatThrownBy(() -> tape.backward(variable(1f, 2f)))
                .hasMessage("loss: expected one number, got shape [2]");
        assertThatThrownBy(() -> tape.backward(Variable.constant(scope.zeros("l", 1))))
                .hasMessageContaining("depends on no parameter");
    }

    @Test
    void aGradientFromOutsideIsReadWithoutACopy() {
        Variable a = variable(1f, 2f);
        Variable b = variable(3f, 4f);
        Tensor outside = scope.f32("outside", 2);
        outside.write(5f, 6f);
        tape.record(b, () -> {
            assertThat(b.gradient()).isSameAs(outside);
            contribute(a, b.gradient().toFloats());
        });
        tape.backward(b, outside);
        assertThat(a.gradient().toFloats()).containsExactly(5f, 6f);
    }

    @Test
    void aGradientFromOutsideIsNeverWritten() {
        Variable b = variable(3f, 4f);
        Variable tail = b.part("tail", 1, Shape.of(1));
        Tensor outside = scope.f32("outside", 2);
        outside.write(5f, 6f);
        tape.record(() -> contribute(b, 10f, 20f));
        tape.record(() -> contribute(tail, 100f));
        tape.backward(b, outside);
        assertThat(b.gradient().toFloats()).containsExactly(15f, 126f);
        assertThat(outside.toFloats()).containsExactly(5f, 6f);
    }

    @Test
    void aGradientFromOutsideIsAddedToWhatIsThere() {
        Variable b = variable(3f, 4f);
        Variable view = b.reshape(2, 1);
        contribute(b, 1f, 1f);
        Tensor outside = scope.f32("outside", 2, 1);
        outside.write(5f, 6f);
        tape.record(b, () -> {});
        tape.backward(view, outside);
        assertThat(b.gradient().toFloats()).containsExactly(6f, 7f);
        assertThat(outside.toFloats()).containsExactly(5f, 6f);
    }

    @Test
    void aGradientFromOutsideFitsTheOutput() {
        Variable b = variable(3f, 4f);
        tape.record(b, () -> {});
        assertThatThrownBy(() -> tape.backward(b, scope.zeros("g", 3)))
                .hasMessage("gradient: expected shape [2], got [3]");
        assertThatThrownBy(() -> tape.backward(b, scope.i32("g", 2)))
                .hasMessage("gradient: expected type F32, got I32");
        assertThatThrownBy(() -> tape.backward(b.detached(), scope.zeros("g", 2)))
                .hasMessageContaining("output: depends on no parameter");
    }

    @Test
    void contributionsAddUp() {
        Variable a = variable(0f, 0f);
        assertThat(a.hasGradient()).isFalse();
        contribute(a, 1f, 2f);
        contribute(a, 10f, 20f);
        assertThat(a.gradient().toFloats()).containsExactly(11f, 22f);
    }

    @Test
    void theFirstContributionIsTheGradientItself() {
        Variable a = variable(0f);
        Tensor first = a.contribution();
        a.contributed(first);
        assertThat(a.gradient()).isSameAs(first);
    }

    @Test
    void viewsShareTheGradientOfTheirOrigin() {
        Variable a = variable(1f, 2f, 3f, 4f);
        Variable matrix = a.reshape(2, 2);
        Variable tail = matrix.part("tail", 2, Shape.of(2));
        assertThat(tail.value().toFloats()).containsExactly(3f, 4f);
        contribute(tail, 5f, 6f);
        assertThat(a.gradient().toFloats()).containsExactly(0f, 0f, 5f, 6f);
        contribute(matrix, 1f, 1f, 1f, 1f);
        contribute(tail, 1f, 1f);
        assertThat(a.gradient().toFloats()).containsExactly(1f, 1f, 7f, 8f);
        assertThat(tail.hasGradient()).isTrue();
    }

    @Test
    void aFullViewMayContributeFirst() {
        Variable a = variable(1f, 2f);
        Variable column = a.reshape(2, 1);
        contribute(column, 3f, 4f);
        contribute(a, 1f, 1f);
        assertThat(a.gradient().toFloats()).containsExactly(4f, 5f);
        assertThat(column.gradient().toFloats()).containsExactly(4f, 5f);
    }

    @Test
    void constantsHaveNoGradient() {
        Variable constant = Variable.constant(scope.zeros("x", 2));
        assertThat(constant.requiresGradient()).isFalse();
        assertThatThrownBy(constant::contribution).hasMessage("variable 'x' requires no gradient");
        assertThat(variable(1f).detached().requiresGradient()).isFalse();
    }

    @Test
    void lengthsFitTheSequence() {
        assertThatThrownBy(() -> Variable.constant(scope.zeros("x", 4, 2, 3), scope.lengths(5, 1, 2)))
                .hasMessageContaining("value: expected shape [5, B, ...] as its lengths say, got [4, 2, 3]");
    }
}
