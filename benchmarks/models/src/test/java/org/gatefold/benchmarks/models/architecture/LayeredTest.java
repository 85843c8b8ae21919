package org.gatefold.benchmarks.models.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.gatefold.benchmarks.models.architecture.Parts.Mapped;
import org.gatefold.benchmarks.models.architecture.Recurrent.Answer;
import org.junit.jupiter.api.Test;

class LayeredTest {
    /** Two steps of 3 features, 4 units, 5 outputs; no gradient of what is read. */
    @Test
    void countsProducts() {
        Layered layers = new Layered(
                Size.sequence(2, 3), Wanted.NUMBER, List.of(new Recurrent(4, 1, false, Answer.LAST), new Mapped(5)));
        int ofInput = 2 * 16 * 3;
        int ofStates = 2 * 16 * 4;
        assertEquals(2 * ofInput + 3 * ofStates + 3 * 4 * 5, layers.products());
    }
}
