package org.gatefold.simulator;

import static jcuda.driver.JCudaDriver.cuCtxCreate;
import static jcuda.driver.JCudaDriver.cuCtxDestroy;
import static jcuda.driver.JCudaDriver.cuCtxSynchronize;
import static jcuda.driver.JCudaDriver.cuDeviceGet;
import static jcuda.driver.JCudaDriver.cuDeviceGetName;
import static jcuda.driver.JCudaDriver.cuEventCreate;
import static jcuda.driver.JCudaDriver.cuEventDestroy;
import static jcuda.driver.JCudaDriver.cuEventElapsedTime;
import static jcuda.driver.JCudaDriver.cuEventRecord;
import static jcuda.driver.JCudaDriver.cuEventSynchronize;
import static jcuda.driver.JCudaDriver.cuGraphDestroy;
import static jcuda.driver.JCudaDriver.cuGraphExecDestroy;
import static jcuda.driver.JCudaDriver.cuGraphGetNodes;
import static jcuda.driver.JCudaDriver.cuGraphInstantiate;
import static jcuda.driver.JCudaDriver.cuGraphLaunch;
import static jcuda.driver.JCudaDriver.cuInit;
import static jcuda.driver.JCudaDriver.cuLaunchKernel;
import static jcuda.driver.JCudaDriver.cuMemAlloc;
import static jcuda.driver.JCudaDriver.cuMemAllocHost;
import static jcuda.driver.JCudaDriver.cuMemFree;
import static jcuda.driver.JCudaDriver.cuMemFreeHost;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoH;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoHAsync;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoD;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoDAsync;
import static jcuda.driver.JCudaDriver.cuMemsetD32Async;
import static jcuda.driver.JCudaDriver.cuModuleGetFunction;
import static jcuda.driver.JCudaDriver.cuModuleLoadData;
import static jcuda.driver.JCudaDriver.cuModuleUnload;
import static jcuda.driver.JCudaDriver.cuStreamBeginCapture;
import static jcuda.driver.JCudaDriver.cuStreamCreate;
import static jcuda.driver.JCudaDriver.cuStreamDestroy;
import static jcuda.driver.JCudaDriver.cuStreamEndCapture;
import static jcuda.driver.JCudaDriver.cuStreamSynchronize;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import jcuda.CudaException;
import jcuda.Pointer;
import jcuda.Sizeof;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUevent;
import jcuda.driver.CUfunction;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.JCudaDriver;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasOperation;
import jcuda.nvrtc.JNvrtc;
import jcuda.nvrtc.nvrtcProgram;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** JCuda's driver API, NVRTC and cuBLAS on the simulated device. */
class SimulatedDeviceTest {
    private static final String SOURCE = """
            extern "C" __global__ void axpy(float a, const float* x, float* y, int n) {
                int i = blockIdx.x * blockDim.x + threadIdx.x;
                if (i < n) y[i] += a * x[i];
            }
            extern "C" __global__ void past_the_end(float* y, int n) {
                int i = blockIdx.x * blockDim.x + threadIdx.x;
                if (i <= n) y[i] = 1.0f;
            }
            """;

    private long allocationsBefore;
    private CUcontext context;
    private CUstream stream;
    private CUmodule module;

    @BeforeAll
    static void loadSimulator() {
        assumeTrue(SimulatedDevice.isBuilt(), "the simulated device is not built on this machine");
        SimulatedDevice.load();
        JCudaDriver.setExceptionsEnabled(true);
        JNvrtc.setExceptionsEnabled(true);
        JCublas2.setExceptionsEnabled(true);
        cuInit(0);
    }

    /** The switches are those of the whole process; the backend leaves them off. */
    @AfterAll
    static void switchExceptionsOff() {
        JCudaDriver.setExceptionsEnabled(false);
        JNvrtc.setExceptionsEnabled(false);
        JCublas2.setExceptionsEnabled(false);
    }

    @BeforeEach
    void open() {
        allocationsBefore = SimulatedDevice.liveAllocations();
        CUdevice device = new CUdevice();
        cuDeviceGet(device, 0);
        context = new CUcontext();
        cuCtxCreate(context, 0, device);
        stream = new CUstream();
        cuStreamCreate(stream, 0);
        module = new CUmodule();
        cuModuleLoadData(module, compile(SOURCE, "--gpu-architecture=sm_90"));
        SimulatedDevice.clearFindings();
        SimulatedDevice.resetCounts();
    }

    @AfterEach
    void close() {
        cuCtxDestroy(context);
        assertThat(SimulatedDevice.liveAllocations()).isEqualTo(allocationsBefore);
    }

    @Test
    void deviceSaysItIsSimulated() {
        CUdevice device = new CUdevice();
        cuDeviceGet(device, 0);
        byte[] name = new byte[100];
        cuDeviceGetName(name, name.length, device);
        assertThat(new String(name, java.nio.charset.StandardCharsets.US_ASCII)).contains("simulated");
        cuModuleUnload(module);
    }

    @Test
    void kernelRunsFromSourceOnAStreamAndInAGraph() {
        int n = 1000;
        Pointer host = new Pointer();
        cuMemAllocHost(host, (long) n * Sizeof.FLOAT);
        FloatBuffer values = host.getByteBuffer(0, (long) n * Sizeof.FLOAT)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
        for (int i = 0; i < n; i++) {
            values.put(i, i);
        }
        CUdeviceptr x = new CUdeviceptr();
        CUdeviceptr y = new CUdeviceptr();
        cuMemAlloc(x, (long) n * Sizeof.FLOAT);
        cuMemAlloc(y, (long) n * Sizeof.FLOAT);
        cuMemcpyHtoDAsync(x, host, (long) n * Sizeof.FLOAT, stream);
        cuMemsetD32Async(y, 0, n, stream);
        launch("axpy", n, Pointer.to(new float[] {2}), Pointer.to(x), Pointer.to(y), Pointer.to(new int[] {n}));
        cuStreamSynchronize(stream);

        cuStreamBeginCapture(stream, CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_GLOBAL);
        for (int step = 0; step < 3; step++) {
            launch("axpy", n, Pointer.to(new float[] {1}), Pointer.to(x), Pointer.to(y), Pointer.to(new int[] {n}));
        }
        CUgraph graph = new CUgraph();
        cuStreamEndCapture(stream, graph);
        long[] nodes = new long[1];
        cuGraphGetNodes(graph, null, nodes);
        assertThat(nodes[0]).isEqualTo(3);
        CUgraphExec exec = new CUgraphExec();
        cuGraphInstantiate(exec, graph, 0L);
        CUevent start = new CUevent();
        CUevent end = new CUevent();
        cuEventCreate(start, 0);
        cuEventCreate(end, 0);
        cuEventRecord(start, stream);
        cuGraphLaunch(exec, stream);
        cuGraphLaunch(exec, stream);
        cuEventRecord(end, stream);
        cuEventSynchronize(end);
        float[] milliseconds = new float[1];
        cuEventElapsedTime(milliseconds, start, end);
        assertThat(milliseconds[0]).isPositive();
        SimulatedDevice.setOption("clock", "launches");
        cuEventRecord(start, stream);
        cuGraphLaunch(exec, stream);
        cuEventRecord(end, stream);
        cuEventSynchronize(end);
        SimulatedDevice.setOption("clock", "wall");
        cuEventElapsedTime(milliseconds, start, end);
        assertThat(milliseconds[0]).isEqualTo(3f);

        cuMemcpyDtoHAsync(host, y, (long) n * Sizeof.FLOAT, stream);
        cuStreamSynchronize(stream);
        for (int i = 0; i < n; i++) {
            assertThat(values.get(i)).isEqualTo(11f * i);
        }
        assertThat(SimulatedDevice.findings()).isEmpty();
        assertThat(SimulatedDevice.counts())
                .contains("\"axpy\":{\"launches\":10,\"graphLaunches\":9")
                .contains("\"graphs\":{\"made\":1,\"launches\":3,\"nodes\":9}");
        cuEventDestroy(start);
        cuEventDestroy(end);
        cuGraphExecDestroy(exec);
        cuGraphDestroy(graph);
        cuMemFree(x);
        cuMemFree(y);
        cuMemFreeHost(host);
        cuStreamDestroy(stream);
    }

    @Test
    void matrixProductIsThatOfCublas() {
        int m = 5;
        int n = 7;
        int k = 3;
        float[] a = new float[m * k];
        float[] b = new float[k * n];
        for (int i = 0; i < a.length; i++) {
            a[i] = 0.5f * i - 2;
        }
        for (int i = 0; i < b.length; i++) {
            b[i] = 3 - 0.25f * i;
        }
        CUdeviceptr da = upload(a);
        CUdeviceptr db = upload(b);
        CUdeviceptr dc = new CUdeviceptr();
        cuMemAlloc(dc, (long) m * n * Sizeof.FLOAT);
        cublasHandle handle = new cublasHandle();
        JCublas2.cublasCreate(handle);
        JCublas2.cublasSetStream(handle, new jcuda.runtime.cudaStream_t(stream));
        // Column-major: A is stored [k, m] and transposed, B [k, n], C [m, n].
        JCublas2.cublasSgemm(
                handle,
                cublasOperation.CUBLAS_OP_T,
                cublasOperation.CUBLAS_OP_N,
                m,
                n,
                k,
                Pointer.to(new float[] {2}),
                da,
                k,
                db,
                k,
                Pointer.to(new float[] {0}),
                dc,
                m);
        float[] c = new float[m * n];
        cuStreamSynchronize(stream);
        cuMemcpyDtoH(Pointer.to(c), dc, (long) m * n * Sizeof.FLOAT);
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                double sum = 0;
                for (int p = 0; p < k; p++) {
                    sum += (double) a[i * k + p] * b[j * k + p];
                }
                assertThat((double) c[j * m + i]).isCloseTo(2 * sum, within(1e-4));
            }
        }
        JCublas2.cublasDestroy(handle);
        cuMemFree(da);
        cuMemFree(db);
        cuMemFree(dc);
    }

    @Test
    void accessPastTheEndIsAnIllegalAddress() {
        int n = 64;
        CUdeviceptr y = new CUdeviceptr();
        cuMemAlloc(y, (long) n * Sizeof.FLOAT);
        launch("past_the_end", 128, Pointer.to(y), Pointer.to(new int[] {n}));
        assertThatThrownBy(() -> cuCtxSynchronize())
                .isInstanceOf(CudaException.class)
                .hasMessageContaining("CUDA_ERROR_ILLEGAL_ADDRESS");
        assertThat(SimulatedDevice.findings())
                .singleElement()
                .asString()
                .contains("out of bounds", "past_the_end", "thread (64,0,0)", "256 bytes");
        String[] text = new String[1];
        JCudaDriver.cuGetErrorString(CUresult.CUDA_ERROR_ILLEGAL_ADDRESS, text);
        assertThat(text[0]).contains("past_the_end");
    }

    @Test
    void compilerErrorsNameFileAndLine() {
        JNvrtc.setExceptionsEnabled(false);
        try {
            nvrtcProgram program = new nvrtcProgram();
            JNvrtc.nvrtcCreateProgram(program, "\n__global__ void k() { undeclared(); }\n", "broken.cu", 0, null, null);
            assertThat(JNvrtc.nvrtcCompileProgram(program, 0, new String[0])).isEqualTo(6);
            String[] log = new String[1];
            JNvrtc.nvrtcGetProgramLog(program, log);
            assertThat(log[0])
                    .contains("broken.cu(2): error:")
                    .contains("undeclared")
                    .contains("1 error detected in the compilation of \"broken.cu\".");
            JNvrtc.nvrtcDestroyProgram(program);
        } finally {
            JNvrtc.setExceptionsEnabled(true);
        }
    }

    private void launch(String kernel, int threads, Pointer... arguments) {
        CUfunction function = new CUfunction();
        cuModuleGetFunction(function, module, kernel);
        cuLaunchKernel(function, (threads + 127) / 128, 1, 1, 128, 1, 1, 0, stream, Pointer.to(arguments), null);
    }

    private static CUdeviceptr upload(float[] values) {
        CUdeviceptr pointer = new CUdeviceptr();
        cuMemAlloc(pointer, (long) values.length * Sizeof.FLOAT);
        cuMemcpyHtoD(pointer, Pointer.to(values), (long) values.length * Sizeof.FLOAT);
        return pointer;
    }

    private static byte[] compile(String source, String... options) {
        nvrtcProgram program = new nvrtcProgram();
        JNvrtc.nvrtcCreateProgram(program, source, "test.cu", 0, null, null);
        JNvrtc.nvrtcCompileProgram(program, options.length, options);
        long[] size = new long[1];
        JNvrtc.nvrtcGetCUBINSize(program, size);
        byte[] cubin = new byte[(int) size[0]];
        JNvrtc.nvrtcGetCUBIN(program, cubin);
        JNvrtc.nvrtcDestroyProgram(program);
        return cubin;
    }
}
