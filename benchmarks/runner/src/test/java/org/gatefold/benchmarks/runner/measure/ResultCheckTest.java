package org.gatefold.benchmarks.runner.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.gatefold.benchmarks.contract.LayerShape;
import org.gatefold.benchmarks.contract.Pass;
import org.gatefold.benchmarks.contract.Results;
import org.gatefold.benchmarks.contract.Workload;
import org.gatefold.benchmarks.reference.ReferenceLayers;
import org.junit.jupiter.api.Test;

/** The check accepts the right result and finds each single wrong tensor. */
class ResultCheckTest {
    private static final LayerShape SHAPE = new LayerShape(3, 2, 4, 5, 2, 2, false);

    private final ResultCheck check = new ResultCheck();
    private final Results right = new ReferenceLayers(new Workload(SHAPE)).results(Pass.TRAINING_PASS);

    private Results copyWithout(String left) {
        Results copy = new Results();
        for (Map.Entry<String, float[]> tensor : right.tensors().entrySet()) {
            if (!tensor.getKey().equals(left)) {
                copy.put(tensor.getKey(), tensor.getValue().clone());
            }
        }
        return copy;
    }

    @Test
    void acceptsTheReferenceItself() {
        assertEquals(0, check.worst(SHAPE, Pass.TRAINING_PASS, copyWithout("")).error());
    }

    @Test
    void findsOneWrongElementInAnyTensor() {
        for (String name : right.tensors().keySet()) {
            Results wrong = copyWithout("");
            float[] values = wrong.tensors().get(name);
            values[values.length - 1] += 1;
            ResultCheck.Finding finding = check.worst(SHAPE, Pass.TRAINING_PASS, wrong);
            assertEquals(name, finding.tensor());
            assertTrue(finding.error() > 1e-3, name);
        }
    }

    @Test
    void findsMissingGradientsAndNonFiniteValues() {
        Results incomplete = copyWithout("dWh.1.1");
        assertThrows(IllegalStateException.class, () -> check.worst(SHAPE, Pass.TRAINING_PASS, incomplete));
        Results broken = copyWithout("");
        broken.tensors().get("dx")[0] = Float.NaN;
        assertThrows(IllegalStateException.class, () -> check.worst(SHAPE, Pass.TRAINING_PASS, broken));
    }

    @Test
    void finalStatesMayBeLeftOut() {
        assertEquals(
                0, check.worst(SHAPE, Pass.TRAINING_PASS, copyWithout("hn")).error());
    }
}
