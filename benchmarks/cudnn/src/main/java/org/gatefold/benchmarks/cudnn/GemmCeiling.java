package org.gatefold.benchmarks.cudnn;

import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import jcuda.Pointer;
import jcuda.cudaDataType;
import jcuda.driver.CUdeviceptr;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasComputeType;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasOperation;
import org.gatefold.benchmarks.contract.Cell;
import org.gatefold.benchmarks.contract.Contestant;
import org.gatefold.benchmarks.contract.LayerShape;
import org.gatefold.benchmarks.contract.Pass;
import org.gatefold.benchmarks.contract.Placement;
import org.gatefold.benchmarks.contract.PreparedPass;
import org.gatefold.benchmarks.contract.Results;
import org.gatefold.benchmarks.contract.Workload;

/**
 * No recurrent layer but what bounds one: cuBLAS's product of two square matrices in a precision, sums and result in F32; the
 * implementation that it is placed by is their size. On random data, because processors run faster on zeros.
 */
public final class GemmCeiling implements Contestant {
    private static final int DEFAULT_ALGORITHM = -1;

    private final Placement placement;

    public GemmCeiling(Placement placement) {
        this.placement = placement;
    }

    @Override
    public String version() {
        try (Product product = new Product(new Gpu(placement.device()), placement.precision(), 1)) {
            return product.version();
        }
    }

    @Override
    public Set<Cell> cells() {
        return EnumSet.allOf(Cell.class);
    }

    @Override
    public Optional<String> declines(LayerShape shape, Pass pass) {
        return Optional.empty();
    }

    @Override
    public PreparedPass prepare(Workload workload, Pass pass, int threads) {
        return new Product(
                new Gpu(placement.device()), placement.precision(), Integer.parseInt(placement.implementation()));
    }

    /** Owns the GPU and all memory. */
    private static final class Product extends GpuPass {
        private final cublasHandle handle = new cublasHandle();
        private final Numbers numbers;
        private final int compute;
        private final int size;
        private final CUdeviceptr a;
        private final CUdeviceptr b;
        private final CUdeviceptr c;
        private final Pointer one = Pointer.to(new float[] {1});
        private final Pointer zero = Pointer.to(new float[] {0});

        Product(Gpu gpu, Placement.Precision precision, int size) {
            super(gpu);
            this.size = size;
            numbers = Numbers.of(precision);
            compute = precision == Placement.Precision.TF32
                    ? cublasComputeType.CUBLAS_COMPUTE_32F_FAST_TF32
                    : cublasComputeType.CUBLAS_COMPUTE_32F;
            Status.cublas("cublasCreate", JCublas2.cublasCreate(handle));
            Status.cublas("cublasSetStream", JCublas2.cublasSetStream(handle, gpu.stream()));
            SplittableRandom random = new SplittableRandom(1);
            a = matrix(random);
            b = matrix(random);
            c = gpu.allocate((long) size * size * Float.BYTES);
        }

        /** Row by row, so that no array has to hold all of it. */
        private CUdeviceptr matrix(SplittableRandom random) {
            CUdeviceptr matrix = gpu.allocate((long) size * size * numbers.bytes());
            float[] row = new float[size];
            for (int i = 0; i < size; i++) {
                for (int j = 0; j < size; j++) {
                    row[j] = (random.nextInt() >>> 8) * 0x1p-23f - 1;
                }
                gpu.write(matrix, (long) i * size * numbers.bytes(), numbers.encode(row));
            }
            return matrix;
        }

        String version() {
            int[] version = new int[1];
            Status.cublas("cublasGetVersion", JCublas2.cublasGetVersion(handle, version));
            return "cuBLAS " + version[0] / 10000 + "." + version[0] / 100 % 100 + "." + version[0] % 100 + " on "
                    + gpu.description();
        }

        @Override
        protected void submit() {
            Status.cublas(
                    "cublasGemmEx",
                    JCublas2.cublasGemmEx_new(
                            handle,
                            cublasOperation.CUBLAS_OP_T,
                            cublasOperation.CUBLAS_OP_N,
                            size,
                            size,
                            size,
                            one,
                            a,
                            numbers.cudaType(),
                            size,
                            b,
                            numbers.cudaType(),
                            size,
                            zero,
                            c,
                            cudaDataType.CUDA_R_32F,
                            size,
                            compute,
                            DEFAULT_ALGORITHM));
        }

        /** The first element of the product, and what it should be. */
        @Override
        public Results runChecked() {
            run();
            float[] row = numbers.decode(gpu.read(a, 0, size * numbers.bytes()));
            float[] column = numbers.decode(gpu.read(b, 0, size * numbers.bytes()));
            double sum = 0;
            for (int i = 0; i < size; i++) {
                sum += (double) row[i] * column[i];
            }
            float product = Numbers.F32.decode(gpu.read(c, 0, Float.BYTES))[0];
            if (!(Math.abs(product - sum) < 1e-2 * Math.sqrt(size))) {
                throw new IllegalStateException("the product is wrong: expected " + sum + ", got " + product);
            }
            return new Results();
        }

        @Override
        public void close() {
            Status.cublas("cublasDestroy", JCublas2.cublasDestroy(handle));
            super.close();
        }
    }
}
