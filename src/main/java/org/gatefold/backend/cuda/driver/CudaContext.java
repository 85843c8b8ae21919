package org.gatefold.backend.cuda.driver;

import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COOPERATIVE_LAUNCH;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.CUuuid;
import jcuda.driver.JCudaDriver;

/**
 * One GPU's primary context, the stream on which all its work is ordered, and a second one for uploads beside it.
 *
 * <p>Thread-safe: any thread may submit after {@link #enter()}; work runs in the order of submission.
 */
public final class CudaContext implements AutoCloseable {
    private static final int NON_BLOCKING = 1;

    private final CUdevice device = new CUdevice();
    private final CUcontext context = new CUcontext();
    private final CUstream stream = new CUstream();
    private final CUstream uploads = new CUstream();
    private final String name;
    private final int capability;
    private final int multiprocessors;
    private final Set<CudaContext> peers = ConcurrentHashMap.newKeySet();
    private final RepeatedWork repeated;
    private volatile Alarm alarm;

    public CudaContext(int ordinal) {
        CudaStatus.check("cuDeviceGet", JCudaDriver.cuDeviceGet(device, ordinal));
        this.name = deviceName(device);
        this.capability = attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR) * 10
                + attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
        this.multiprocessors = attribute(CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
        CudaStatus.check("cuDevicePrimaryCtxRetain", JCudaDriver.cuDevicePrimaryCtxRetain(context, device));
        enter();
        CudaStatus.check("cuStreamCreate", JCudaDriver.cuStreamCreate(stream, NON_BLOCKING));
        CudaStatus.check("cuStreamCreate", JCudaDriver.cuStreamCreate(uploads, NON_BLOCKING));
        repeated = new RepeatedWork(this);
    }

    public static String deviceName(CUdevice device) {
        byte[] text = new byte[256];
        CudaStatus.check("cuDeviceGetName", JCudaDriver.cuDeviceGetName(text, text.length, device));
        int end = 0;
        while (end < text.length && text[end] != 0) {
            end++;
        }
        return new String(text, 0, end, StandardCharsets.UTF_8);
    }

    private int attribute(int which) {
        int[] value = new int[1];
        CudaStatus.check("cuDeviceGetAttribute", JCudaDriver.cuDeviceGetAttribute(value, which, device));
        return value[0];
    }

    /** Memory of the card, in words. */
    public String memory() {
        enter();
        long[] free = new long[1];
        long[] total = new long[1];
        CudaStatus.check("cuMemGetInfo", JCudaDriver.cuMemGetInfo(free, total));
        return (free[0] >> 20) + " of " + (total[0] >> 20) + " MiB free";
    }

    /** Makes this context current on the calling thread; before every call that needs one. */
    public void enter() {
        CudaStatus.check("cuCtxSetCurrent", JCudaDriver.cuCtxSetCurrent(context));
    }

    CUcontext handle() {
        return context;
    }

    /** Lets copies from another card go straight to this one, where the cards can; through the host otherwise. */
    void reach(CudaContext other) {
        if (!peers.add(other)) {
            return;
        }
        enter();
        int[] can = new int[1];
        CudaStatus.check("cuDeviceCanAccessPeer", JCudaDriver.cuDeviceCanAccessPeer(can, device, other.device));
        if (can[0] != 0) {
            int status = JCudaDriver.cuCtxEnablePeerAccess(other.context, 0);
            if (status != CUresult.CUDA_ERROR_PEER_ACCESS_ALREADY_ENABLED) {
                CudaStatus.check("cuCtxEnablePeerAccess", status);
            }
        }
    }

    /** The stream of all work, by which {@link #submit} knows it; calls of the driver take {@link #directly}. */
    public CUstream stream() {
        return stream;
    }

    /**
     * The stream of all work, behind all that was submitted.
     *
     * @param what is submitted to it by a call of the driver, or waited for; why a step is no graph
     */
    public CUstream directly(String what) {
        repeated.directly(what);
        return stream;
    }

    /** What knows of steps that are repeated. */
    public RepeatedWork repeated() {
        return repeated;
    }

    /**
     * Submits work to a stream, which on {@link #stream()} may be put off until a step ends.
     *
     * @param key of all that the work depends on
     * @param work submits to the stream that it is given
     */
    public void submit(CUstream on, Supplier<Object> key, Consumer<CUstream> work) {
        submit(on, key, work, work);
    }

    /** As {@link #submit(CUstream, Supplier, Consumer)}, where work is recorded otherwise than it is submitted. */
    void submit(CUstream on, Supplier<Object> key, Consumer<CUstream> work, Consumer<CUstream> whenRecorded) {
        if (on.equals(stream)) {
            repeated.submit(key, work, whenRecorded);
        } else {
            work.accept(on);
        }
    }

    /** Sets words of memory to one value. */
    public void fill(CUstream on, long address, int bits, long words) {
        submit(on, () -> List.of("fill", address, bits, words), queue -> {
            enter();
            CudaStatus.check(
                    "cuMemsetD32Async", JCudaDriver.cuMemsetD32Async(Addresses.device(address), bits, words, queue));
        });
    }

    /** Sets bytes of memory to 0. */
    public void clear(CUstream on, long address, long bytes) {
        submit(on, () -> List.of("clear", address, bytes), queue -> {
            enter();
            CudaStatus.check(
                    "cuMemsetD8Async", JCudaDriver.cuMemsetD8Async(Addresses.device(address), (byte) 0, bytes, queue));
        });
    }

    /** Copies within the card's memory. */
    public void copy(CUstream on, long to, long from, long bytes) {
        submit(on, () -> List.of("copy", to, from, bytes), queue -> {
            enter();
            CudaStatus.check(
                    "cuMemcpyDtoDAsync",
                    JCudaDriver.cuMemcpyDtoDAsync(Addresses.device(to), Addresses.device(from), bytes, queue));
        });
    }

    /** Ordered with {@link #stream()} by events only. */
    public CUstream uploads() {
        return uploads;
    }

    /** The card's name. */
    public String name() {
        return name;
    }

    /** True for the simulated device: test equipment, whose time says nothing. */
    public boolean simulated() {
        return isSimulated(name);
    }

    public static boolean isSimulated(String card) {
        return card.contains("simulated");
    }

    /** The card's identifier, in hexadecimal digits, which no other card has. */
    public String uuid() {
        CUuuid uuid = new CUuuid();
        CudaStatus.check("cuDeviceGetUuid", JCudaDriver.cuDeviceGetUuid(uuid, device));
        return HexFormat.of().formatHex(uuid.bytes);
    }

    /** Compute capability times 10, for instance 90. */
    public int capability() {
        return capability;
    }

    public int multiprocessors() {
        return multiprocessors;
    }

    /** True if all blocks of a launch can be made to run side by side. */
    public boolean cooperates() {
        return attribute(CU_DEVICE_ATTRIBUTE_COOPERATIVE_LAUNCH) != 0;
    }

    /** Bytes of shared memory that the blocks of a multiprocessor have together. */
    public int multiprocessorSharedBytes() {
        return attribute(CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR);
    }

    /** Bytes of shared memory that a block can ask for. */
    public int sharedBytes() {
        return attribute(CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN);
    }

    /**
     * Makes the context's alarm, which has none yet.
     *
     * @param names of those whose kernels raise it, each by its place in the list, counted from 1
     * @param raised told the name once, before the exception that says so
     */
    public Alarm alarm(List<String> names, Consumer<String> raised) {
        enter();
        alarm = new Alarm(this, names, raised);
        return alarm;
    }

    /** Waits for all submitted work; an error of a kernel, or an alarm, appears here at the latest. */
    public void synchronize() {
        drain();
        checkAlarm();
    }

    /** Waits for all submitted work before something is given back that it uses; what an alarm says concerns those who read results. */
    public void drain() {
        enter();
        CudaStatus.check("cuStreamSynchronize", JCudaDriver.cuStreamSynchronize(directly("the host waits")));
    }

    /** Comes behind a wait for work. */
    void checkAlarm() {
        if (alarm != null) {
            alarm.check();
        }
    }

    /** Waits for all submitted work and uploads. */
    public void synchronizeAll() {
        drainAll();
        checkAlarm();
    }

    /** Waits for all submitted work and uploads, as {@link #drain} does. */
    void drainAll() {
        drain();
        CudaStatus.check("cuStreamSynchronize", JCudaDriver.cuStreamSynchronize(uploads));
    }

    @Override
    public void close() {
        enter();
        repeated.close();
        if (alarm != null) {
            alarm.close();
        }
        CudaStatus.check("cuStreamDestroy", JCudaDriver.cuStreamDestroy(uploads));
        CudaStatus.check("cuStreamDestroy", JCudaDriver.cuStreamDestroy(stream));
        CudaStatus.check("cuDevicePrimaryCtxRelease", JCudaDriver.cuDevicePrimaryCtxRelease(device));
    }
}
