package org.gatefold.backend.cuda.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.gatefold.simulator.SimulatedDevice;
import org.junit.jupiter.api.Test;

class KernelIndexTest {
    private static final Pattern ENTRY = Pattern.compile("\\.visible \\.entry (\\w+)\\(");

    private static KernelIndex of(String file, String text) {
        return KernelIndex.of(Map.of(file, text));
    }

    @Test
    void findsDeclaredKernelsInOrder() {
        String text = """
                extern "C" __global__ void second(int x) {}
                extern "C" __global__ void __launch_bounds__(256, 2)
                    first(const float* __restrict__ x, float* y) { helper(x); }
                __device__ void helper(int x) {}
                """;
        assertThat(of("a.cu", text).kernels("a.cu")).containsExactly("second", "first");
    }

    @Test
    void findsKernelsThatAMacroOfAnotherFileDeclares() {
        String macro = """
                #define STAMP(kernel, Operand) \\
                  extern "C" __global__ void GATEFOLD_CLUSTER_DIMS(8, 1, 1) __launch_bounds__(64) \\
                      kernel(int x) { work<Operand>(x); }
                #define TWICE(x) ((x) + (x))
                """;
        String stamps = """
                STAMP(work_f32, F32Operand)
                STAMP(
                    work_f16, F16Operand)
                int y = TWICE(x);
                """;
        KernelIndex index = KernelIndex.of(Map.of("common/stamp.cuh", macro, "a.cu", stamps));
        assertThat(index.kernels("a.cu")).containsExactly("work_f32", "work_f16");
        assertThat(index.file("work_f16")).contains("a.cu");
        assertThat(index.file("work")).isEmpty();
        assertThat(index.headers()).containsExactly("common/stamp.cuh");
        assertThat(index.files()).containsExactly("a.cu");
    }

    @Test
    void commentsDefineNothing() {
        String text = "// __global__ void a(int x)\n/* __global__ void\nb(int x) */ __global__ void c(int x) {}\n";
        assertThat(of("a.cu", text).kernels("a.cu")).containsExactly("c");
    }

    @Test
    void refusesWhatNamesDoNotTell() {
        assertThatThrownBy(() -> KernelIndex.of(
                        Map.of("a.cu", "__global__ void k(int x) {}", "b.cu", "__global__ void k(int x) {}")))
                .hasMessage("kernel k: expected to be defined once, is in a.cu and b.cu");
        assertThatThrownBy(() -> of("a.cuh", "__global__ void k(int x) {}"))
                .hasMessage("a.cuh: expected no kernel in a header, got [k]");
        assertThatThrownBy(() -> of("a.cu", "#define STAMP(type) __global__ void work_##type(int x) {}\n"))
                .hasMessageStartingWith("a.cu: expected the first argument of macro STAMP to be the kernel's name");
    }

    @Test
    void theIndexInTheJarIsThatOfTheSources() throws IOException {
        KernelIndex sources = KernelIndex.of(KernelIndex.sources(Path.of("cuda-kernels")));
        assertThat(KernelIndex.read().text()).isEqualTo(sources.text());
        assertThat(sources.files()).contains("recurrent/lstm_gates.cu");
        assertThat(sources.headers()).contains("common/recurrent/step.cuh");
    }

    /** What another header says is no reason to compile a file again. */
    @Test
    void aFileGoesWithTheHeadersThatItIncludesItselfOrThroughOthers() {
        KernelSources sources = new KernelSources(UnaryOperator.identity());
        assertThat(sources.headers("linear.cu")).containsOnlyKeys("common/grid.cuh", "common/reduce.cuh");
        assertThat(sources.headers("recurrent/steps.cu"))
                .containsKeys("common/recurrent/step.cuh", "common/quad.cuh", "common/ptx.cuh")
                .doesNotContainKey("common/recurrent/lstm.cuh");
        assertThat(sources.headers()).containsAllEntriesOf(sources.headers("recurrent/steps.cu"));
    }

    @Test
    void theSimulatedCompilerFindsTheSameKernels() {
        assumeTrue(SimulatedDevice.isBuilt(), "the simulated device is not built");
        SimulatedDevice.load();
        KernelSources sources = new KernelSources(UnaryOperator.identity());
        List<String> options = new ArrayList<>(KernelCompiler.options(90, KernelCompiler.Code.PTX));
        options.add(KernelCompiler.DEBUG);
        for (String file : sources.files()) {
            byte[] ptx = KernelCompiler.compile(
                    file, sources.text(file), sources.headers(file), options, KernelCompiler.Code.PTX);
            assertThat(ENTRY.matcher(new String(ptx, StandardCharsets.US_ASCII))
                            .results()
                            .map(match -> match.group(1)))
                    .as(file)
                    .isNotEmpty()
                    .containsExactlyInAnyOrderElementsOf(sources.kernels(file));
        }
    }
}
