package org.gatefold.backend.cuda.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import jcuda.nvrtc.JNvrtc;
import org.gatefold.backend.cuda.driver.CudaException;
import org.gatefold.backend.cuda.driver.CudaStatus;
import org.gatefold.backend.cuda.library.CudaLibraries;
import org.gatefold.backend.cuda.library.LibraryChoice;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The real NVRTC compiles every kernel for every architecture that Gatefold supports and this NVRTC knows. Needs the
 * library (installed, in {@code -Dgatefold.cuda.libraries}, or by {@code -Pcuda-redist}) but neither driver nor GPU.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NvrtcTest {
    private static final KernelSources SOURCES = new KernelSources(UnaryOperator.identity());

    /** The section of a kernel's machine code. */
    private static final Pattern KERNEL_CODE = Pattern.compile("\\.text\\.(\\w+)");

    private static final List<Integer> SUPPORTED = List.of(75, 80, 86, 89, 90, 100, 120);

    @BeforeAll
    static void loadNvrtc() {
        Optional<String> missing = CudaLibraries.loadCompiler();
        assumeTrue(missing.isEmpty(), () -> "NVRTC cannot be loaded: " + missing.get());
        Path folder = Path.of(System.getProperty(LibraryChoice.FOLDER_PROPERTY, ""));
        assumeFalse(
                Files.exists(folder.resolve("libgatefold_simulated_device.so")),
                "this NVRTC is that of the simulated device; -D" + LibraryChoice.FOLDER_PROPERTY + "= looks elsewhere");
    }

    private static Stream<Integer> architectures() {
        int[] count = new int[1];
        CudaStatus.checkNvrtc("nvrtcGetNumSupportedArchs", JNvrtc.nvrtcGetNumSupportedArchs(count));
        int[] known = new int[count[0]];
        CudaStatus.checkNvrtc("nvrtcGetSupportedArchs", JNvrtc.nvrtcGetSupportedArchs(known));
        return SUPPORTED.stream().filter(architecture -> IntStream.of(known).anyMatch(each -> each == architecture));
    }

    @Test
    void knowsTheArchitecturesUpToHopper() {
        assertThat(architectures()).contains(75, 80, 86, 89, 90);
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void compilesEveryKernelToMachineCode(int architecture) {
        List<String> options = KernelCompiler.options(architecture, KernelCompiler.Code.CUBIN);
        for (String file : SOURCES.files()) {
            String source = SOURCES.text(file);
            byte[] cubin =
                    KernelCompiler.compile(file, source, SOURCES.headers(file), options, KernelCompiler.Code.CUBIN);
            assertThat(Arrays.copyOf(cubin, 4)).as(file).isEqualTo(new byte[] {0x7F, 'E', 'L', 'F'});
            String symbols = new String(cubin, StandardCharsets.ISO_8859_1);
            Set<String> kernels = KERNEL_CODE
                    .matcher(symbols)
                    .results()
                    .map(match -> match.group(1))
                    .collect(Collectors.toSet());
            assertThat(kernels).as(file).isNotEmpty().containsExactlyInAnyOrderElementsOf(SOURCES.kernels(file));
        }
    }

    @Test
    void compilesForCardsNewerThanItselfToPtx() {
        List<String> options = KernelCompiler.options(999, KernelCompiler.Code.PTX);
        byte[] ptx = KernelCompiler.compile(
                "recurrent/lstm_gates.cu",
                SOURCES.text("lstm_gates.cu"),
                SOURCES.headers(),
                options,
                KernelCompiler.Code.PTX);
        assertThat(new String(ptx, StandardCharsets.US_ASCII))
                .contains(".visible .entry lstm_gates_forward_f32")
                .endsWith("\0");
    }

    @Test
    void compilesForADebuggerWhereAsked() {
        String file = "recurrent/lstm_gates.cu";
        System.setProperty(KernelCompiler.DEBUG_PROPERTY, "true");
        try {
            List<String> options = KernelCompiler.options(80, KernelCompiler.Code.CUBIN);
            byte[] cubin = KernelCompiler.compile(
                    file, SOURCES.text(file), SOURCES.headers(), options, KernelCompiler.Code.CUBIN);
            assertThat(new String(cubin, StandardCharsets.ISO_8859_1)).contains(".debug_info");
        } finally {
            System.clearProperty(KernelCompiler.DEBUG_PROPERTY);
        }
        assertThat(KernelCompiler.options(80, KernelCompiler.Code.CUBIN)).doesNotContain(KernelCompiler.DEBUG);
    }

    @Test
    void showsTheCompilersLog() {
        List<String> options = KernelCompiler.options(80, KernelCompiler.Code.CUBIN);
        assertThatThrownBy(() -> KernelCompiler.compile(
                        "broken.cu",
                        "extern \"C\" __global__ void broken() { undefined_name = 1; }",
                        Map.of(),
                        options,
                        KernelCompiler.Code.CUBIN))
                .isInstanceOf(CudaException.class)
                .hasMessageContaining("broken.cu")
                .hasMessageContaining("undefined_name");
    }
}
