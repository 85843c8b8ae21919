package org.gatefold.op.sequence;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.tensor.Tensor;
import org.gatefold.tensor.UnbackedTensor;
import org.junit.jupiter.api.Test;

class SequenceOpTest {
    @Test
    void columnsThatAnIntCannotCountAreNamed() {
        Tensor a = UnbackedTensor.of("a", 1, Integer.MAX_VALUE);
        Tensor b = UnbackedTensor.of("b", 1, 2);
        Tensor y = UnbackedTensor.of("y", 1, 1);
        String message = "y: expected at most 2147483647 columns, got 2147483647 of a and 2 of b";
        try (Device device = Devices.named("reference")) {
            SequenceOp op = device.operation(SequenceOp.class);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> op.concatenate(a, b, y))
                    .withMessage(message);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> op.split(y, a, b))
                    .withMessage(message);
        }
    }
}
