package org.gatefold.backend.cuda.kernel;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import jcuda.nvrtc.JNvrtc;
import jcuda.nvrtc.nvrtcProgram;
import org.gatefold.backend.cuda.driver.CudaException;
import org.gatefold.backend.cuda.driver.CudaStatus;

/** Compiles kernel sources for one architecture by NVRTC. Thread-safe. */
public final class KernelCompiler {
    /** Whether kernels are compiled for a debugger: without optimisation, with their lines; false by default. */
    public static final String DEBUG_PROPERTY = "gatefold.cuda.debug";

    /** NVRTC's option for that. */
    static final String DEBUG = "--device-debug";

    private KernelCompiler() {}

    /** What a kernel is compiled to. */
    enum Code {
        /** Machine code of the card's own architecture. */
        CUBIN,
        /** Intermediate code, which the driver compiles: for cards that NVRTC does not know yet. */
        PTX;

        /** Chosen by {@code -Dgatefold.cuda.code}; cubin by default. */
        static Code chosen() {
            String text = System.getProperty("gatefold.cuda.code", "cubin").trim();
            return switch (text) {
                case "cubin" -> CUBIN;
                case "ptx" -> PTX;
                default ->
                    throw new IllegalArgumentException(
                            "-Dgatefold.cuda.code: expected cubin or ptx, got '" + text + "'");
            };
        }
    }

    /** NVRTC's version, for instance {@code "12.6"}. */
    public static String version() {
        int[] major = new int[1];
        int[] minor = new int[1];
        CudaStatus.checkNvrtc("nvrtcVersion", JNvrtc.nvrtcVersion(major, minor));
        return major[0] + "." + minor[0];
    }

    /** The options for a compute capability. */
    static List<String> options(int capability, Code code) {
        int target = code == Code.CUBIN ? capability : Math.min(capability, newestArchitecture());
        String prefix = code == Code.CUBIN ? "sm_" : "compute_";
        List<String> options = new ArrayList<>(List.of("--gpu-architecture=" + prefix + target, "--std=c++17"));
        if (Boolean.getBoolean(DEBUG_PROPERTY)) {
            options.add(DEBUG);
        }
        return List.copyOf(options);
    }

    private static int newestArchitecture() {
        int[] count = new int[1];
        CudaStatus.checkNvrtc("nvrtcGetNumSupportedArchs", JNvrtc.nvrtcGetNumSupportedArchs(count));
        int[] all = new int[count[0]];
        CudaStatus.checkNvrtc("nvrtcGetSupportedArchs", JNvrtc.nvrtcGetSupportedArchs(all));
        int newest = 0;
        for (int architecture : all) {
            newest = Math.max(newest, architecture);
        }
        return newest;
    }

    /**
     * Compiles one source.
     *
     * @throws CudaException with the compiler's log if that fails
     */
    static byte[] compile(String file, String source, Map<String, String> headers, List<String> options, Code code) {
        nvrtcProgram program = new nvrtcProgram();
        String[] names = headers.keySet().toArray(new String[0]);
        String[] texts = headers.values().toArray(new String[0]);
        CudaStatus.checkNvrtc(
                "nvrtcCreateProgram", JNvrtc.nvrtcCreateProgram(program, source, file, names.length, texts, names));
        try {
            int status = JNvrtc.nvrtcCompileProgram(program, options.size(), options.toArray(new String[0]));
            if (status != 0) {
                String[] log = new String[1];
                JNvrtc.nvrtcGetProgramLog(program, log);
                throw new CudaException("NVRTC cannot compile " + file + " with " + options + ": "
                        + JNvrtc.nvrtcGetErrorString(status) + "\n" + log[0]);
            }
            return code == Code.CUBIN ? cubin(program) : ptx(program);
        } finally {
            JNvrtc.nvrtcDestroyProgram(program);
        }
    }

    private static byte[] cubin(nvrtcProgram program) {
        long[] size = new long[1];
        CudaStatus.checkNvrtc("nvrtcGetCUBINSize", JNvrtc.nvrtcGetCUBINSize(program, size));
        byte[] bytes = new byte[Math.toIntExact(size[0])];
        CudaStatus.checkNvrtc("nvrtcGetCUBIN", JNvrtc.nvrtcGetCUBIN(program, bytes));
        return bytes;
    }

    private static byte[] ptx(nvrtcProgram program) {
        String[] text = new String[1];
        CudaStatus.checkNvrtc("nvrtcGetPTX", JNvrtc.nvrtcGetPTX(program, text));
        // The driver reads PTX as a C string.
        return (text[0] + '\0').getBytes(StandardCharsets.US_ASCII);
    }
}
