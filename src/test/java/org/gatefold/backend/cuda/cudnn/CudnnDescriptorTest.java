package org.gatefold.backend.cuda.cudnn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import jcuda.jcudnn.JCudnn;
import org.gatefold.backend.cuda.library.CudaLibraries;
import org.gatefold.contract.Subject;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The library that is loaded as cuDNN answers as the real cuDNN 9.5.1 does: by default the simulated one, whose rules are
 * proven by that, and with {@code -Pcuda-redist} or {@code -Dgatefold.cuda.libraries=} the real one. Needs no GPU.
 * {@code -Dgatefold.require=cuda.cudnn} makes it mandatory.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CudnnDescriptorTest {
    private static final String IMPLEMENTATION = "cuda.cudnn";

    @BeforeAll
    static void loadCudnn() {
        Optional<String> missing = CudaLibraries.loadCudnn();
        if (missing.isEmpty() && JCudnn.cudnnGetVersion() / 100 != CudnnDescriptorTable.VERSION / 100) {
            missing = Optional.of(
                    "the table is of cuDNN " + CudnnDescriptorTable.VERSION + ", this is " + JCudnn.cudnnGetVersion());
        }
        boolean required = Arrays.asList(
                        System.getProperty(Subject.REQUIRE_PROPERTY, "").split(","))
                .contains(IMPLEMENTATION);
        if (missing.isPresent() && required) {
            fail(IMPLEMENTATION + " is required, but " + missing.get());
        }
        missing.ifPresent(reason -> abort("cuDNN's descriptors are not tested: " + reason));
    }

    private static List<DescriptorCase> cases() {
        return CudnnDescriptorTable.cases();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void answersAsTheRealLibrary(DescriptorCase each) {
        assertThat(each.calls().get()).isEqualTo(each.expected());
    }

    @Test
    void namesEveryCaseOnce() {
        assertThat(cases())
                .extracting(DescriptorCase::name)
                .doesNotHaveDuplicates()
                .hasSizeGreaterThan(60);
    }
}
