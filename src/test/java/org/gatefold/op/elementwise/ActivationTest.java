package org.gatefold.op.elementwise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.gatefold.layer.Layers;
import org.gatefold.layer.basic.ActivationLayer;
import org.junit.jupiter.api.Test;

class ActivationTest {
    @Test
    void numbersThatNoFunctionCanHaveAreRefused() {
        assertThatThrownBy(() -> Activation.clip(1f, -1f))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("alpha, beta: expected a lower bound not above the upper one, got 1.0 and -1.0");
        assertThatThrownBy(() -> Activation.hardSigmoid(Float.NaN, 0f))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("alpha: expected a finite number, got NaN");
        assertThatThrownBy(() -> Activation.leakyRelu(-1f))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("alpha: expected a finite value >= 0, got -1.0");
    }

    /** As files of releases in which functions had one number have them. */
    @Test
    void aLayerWithoutASecondNumberIsRead() {
        assertThat(Layers.of("Activation", Map.of("function", "elu", "alpha", 0.5))
                        .description())
                .isEqualTo(ActivationLayer.elu(0.5f).description());
    }

    @Test
    void numbersThatAreNotSaidAreTheUsualOnes() {
        assertThat(Layers.of("Activation", Map.of("function", "hard_sigmoid")).description())
                .isEqualTo(ActivationLayer.hardSigmoid().description());
        assertThat(Layers.of("Activation", Map.of("function", "selu")).description())
                .isEqualTo(ActivationLayer.selu().description());
    }
}
