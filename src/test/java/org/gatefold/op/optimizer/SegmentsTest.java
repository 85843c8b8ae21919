package org.gatefold.op.optimizer;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.gatefold.op.optimizer.Segments.Segment;
import org.junit.jupiter.api.Test;

class SegmentsTest {
    @Test
    void aSegmentWhoseEndCannotBeCountedIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Segments(List.of(new Segment("w", Long.MAX_VALUE - 3, 4, 1f, 1f))))
                .withMessage("segments: 'w' at 9223372036854775804 of length 4 is empty, out of order, overlaps the one"
                        + " before or has no end");
    }
}
