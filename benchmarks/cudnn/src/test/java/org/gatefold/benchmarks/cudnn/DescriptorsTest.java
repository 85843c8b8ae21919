package org.gatefold.benchmarks.cudnn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Optional;
import org.gatefold.backend.cuda.library.CudaLibraries;
import org.gatefold.benchmarks.contract.LayerShape;
import org.gatefold.benchmarks.contract.NamedShapes;
import org.gatefold.benchmarks.contract.Placement.Precision;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What cuDNN says of the layers as they are described to it: by default the simulated one, with {@code -Dcudnn.libraries=DIR} the real
 * one, which needs no GPU for that.
 */
class DescriptorsTest {
    @ParameterizedTest
    @EnumSource
    void everyAlgorithmIsOfferedInEveryPrecisionButBfloat16(Algorithm algorithm) {
        Optional<String> missing = CudaLibraries.loadCudnn();
        assumeTrue(missing.isEmpty(), () -> missing.get());
        for (LayerShape shape : NamedShapes.tiny().values()) {
            for (Precision precision : Precision.values()) {
                assertEquals(
                        precision == Precision.BF16
                                ? "cudnnSetRNNDescriptor_v8 gives CUDNN_STATUS_NOT_SUPPORTED (3000)"
                                : "",
                        answer(shape, precision, algorithm),
                        shape + " in " + precision);
            }
        }
    }

    private static String answer(LayerShape shape, Precision precision, Algorithm algorithm) {
        try (Descriptors descriptors = new Descriptors(shape, precision, algorithm)) {
            return descriptors.rnn() == null ? "no descriptor" : "";
        } catch (Status.Unsupported e) {
            return e.getMessage();
        }
    }
}
