package org.gatefold.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** Isolated, because the property that forces an implementation is seen by every test of the JVM. */
@Isolated
class RecurrentChoiceTest {
    private static final RecurrentSpec SPEC = RecurrentSpec.of(Cell.LSTM, 3, 2, 4, 5);

    private String given;

    @BeforeEach
    void remember() {
        given = System.getProperty(RecurrentChoice.PROPERTY);
        System.clearProperty(RecurrentChoice.PROPERTY);
    }

    @AfterEach
    void restore() {
        if (given == null) {
            System.clearProperty(RecurrentChoice.PROPERTY);
        } else {
            System.setProperty(RecurrentChoice.PROPERTY, given);
        }
    }

    @Test
    void takesTheFirstThatDoesNotDecline() {
        try (Device device = Devices.cpu()) {
            RecurrentOp first = device.operations(RecurrentOp.class).get(0);
            assertThat(RecurrentChoice.choose(device, SPEC, Mode.TRAINING)).isSameAs(first);
        }
        try (Device device = Devices.named("reference")) {
            assertThat(RecurrentChoice.choose(device, SPEC, Mode.TRAINING).name())
                    .isEqualTo("reference");
        }
    }

    @Test
    void aForcedImplementationIsTaken() {
        System.setProperty(RecurrentChoice.PROPERTY, " reference ");
        try (Device device = Devices.cpu()) {
            assertThat(RecurrentChoice.choose(device, SPEC, Mode.INFERENCE).name())
                    .isEqualTo("reference");
        }
    }

    @Test
    void aForcedImplementationThatIsUnknownThrows() {
        System.setProperty(RecurrentChoice.PROPERTY, "nonsense");
        try (Device device = Devices.named("reference")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> RecurrentChoice.choose(device, SPEC, Mode.INFERENCE))
                    .withMessage("-Dgatefold.lstm: expected one of [reference] on device reference, got 'nonsense'");
        }
    }

    @Test
    void aForcedImplementationThatDeclinesThrowsWithItsReason() {
        System.setProperty(RecurrentChoice.PROPERTY, "reference");
        RecurrentSpec huge = RecurrentSpec.of(Cell.LSTM, 100_000, 10_000, 4, 5);
        try (Device device = Devices.cpu()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> RecurrentChoice.choose(device, huge, Mode.TRAINING))
                    .withMessage("no implementation on device cpu takes " + huge
                            + "; reference: a sequence or a weight matrix would exceed the 2 GiB of a Java buffer");
        }
    }
}
