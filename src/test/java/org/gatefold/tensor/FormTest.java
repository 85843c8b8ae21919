package org.gatefold.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Scope;
import org.junit.jupiter.api.Test;

class FormTest {
    @Test
    void saysItsLayout() {
        assertThat(Form.sequences(7)).hasToString("[T, B, 7]");
        assertThat(Form.rows(3, 32, 16)).hasToString("[B, 3, 32, 16]");
        assertThat(Form.tokens()).hasToString("[T, B] of I32");
        assertThat(Form.ids()).hasToString("[B] of I32");
    }

    @Test
    void countsElementsAndShapes() {
        assertThat(Form.sequences(3, 4).shape(5, 2)).isEqualTo(Shape.of(5, 2, 3, 4));
        assertThat(Form.sequences(3, 4).elements(5, 2)).isEqualTo(120);
        assertThat(Form.rows(3, 4).shape(5, 2)).isEqualTo(Shape.of(2, 3, 4));
        assertThat(Form.rows(3, 4).elements(5, 2)).isEqualTo(24);
        assertThat(Form.ids().shape(5, 2)).isEqualTo(Shape.of(2));
        assertThat(Form.tokens().elements(5, 2)).isEqualTo(10);
    }

    @Test
    void changesWhatIsAsked() {
        assertThat(Form.rows(3, 4).withFeatures(9)).isEqualTo(Form.rows(3, 9));
        assertThat(Form.sequences(3).withSequence(false)).isEqualTo(Form.rows(3));
        assertThatThrownBy(() -> Form.tokens().withFeatures(2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("form: expected at least one dimension beside rows and steps, got [T, B] of I32");
    }

    @Test
    void refusesWhatIsNoForm() {
        assertThatThrownBy(() -> Form.rows(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("features: expected at least 1, got 0");
        assertThatThrownBy(() -> Form.rows(3, -1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("dimensions: expected at least 1, got [3, -1]");
        assertThatThrownBy(() -> Form.rows(3, 4).features())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("form: expected [B, features], got [B, 3, 4]");
        assertThatThrownBy(() -> new Form(null, true, List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("type: expected one of [F32, I32], got none");
    }

    @Test
    void checksTensors() {
        try (Device device = Devices.named("reference");
                Scope scope = device.openScope("test")) {
            Form.sequences(3).require("x", scope.f32("x", 5, 2, 3));
            Form.tokens().require("x", scope.i32("x", 5, 2));
            assertThatThrownBy(() -> Form.sequences(3).require("x", scope.f32("x", 5, 2, 4)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("x: expected shape [T, B, 3], got [5, 2, 4]");
            assertThatThrownBy(() -> Form.tokens().require("x", scope.f32("x", 5, 2)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("x: expected elements of type I32, got F32");
        }
    }

    @Test
    void namesSizesThatAreTooLargeTogether() {
        assertThatThrownBy(() -> Form.rows(1 << 16, 1 << 15))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("dimensions: expected a product of at most 2147483647, got 65536 x 32768");
        int most = Integer.MAX_VALUE;
        assertThatThrownBy(() -> Form.sequences(most, most, most))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("dimensions: expected a product of at most 2147483647, got 2147483647 x");
        assertThatThrownBy(() -> Form.sequences(most).elements(most, most))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("steps x batch x elements of a step: expected a product of at most 281474976710656, got"
                        + " 2147483647 x 2147483647 x 2147483647");
        assertThat(Form.rows(most).elements(most, 1 << 16)).isEqualTo((long) most << 16);
    }
}
