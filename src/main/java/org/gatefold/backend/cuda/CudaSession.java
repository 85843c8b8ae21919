package org.gatefold.backend.cuda;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.gatefold.backend.cuda.cudnn.CudnnOperations;
import org.gatefold.backend.cuda.driver.Alarm;
import org.gatefold.backend.cuda.driver.CudaContext;
import org.gatefold.backend.cuda.driver.CudaDownload;
import org.gatefold.backend.cuda.driver.CudaMemory;
import org.gatefold.backend.cuda.driver.CudaTimer;
import org.gatefold.backend.cuda.driver.CudaUploadMemory;
import org.gatefold.backend.cuda.driver.PinnedCopies;
import org.gatefold.backend.cuda.kernel.Gemm;
import org.gatefold.backend.cuda.kernel.KernelCache;
import org.gatefold.backend.cuda.kernel.KernelSources;
import org.gatefold.backend.cuda.kernel.Kernels;
import org.gatefold.backend.cuda.library.CudaLibraries;
import org.gatefold.backend.cuda.operation.CudaAttention;
import org.gatefold.backend.cuda.operation.CudaConvolution;
import org.gatefold.backend.cuda.operation.CudaCrf;
import org.gatefold.backend.cuda.operation.CudaCtc;
import org.gatefold.backend.cuda.operation.CudaElementwise;
import org.gatefold.backend.cuda.operation.CudaEmbedding;
import org.gatefold.backend.cuda.operation.CudaLinear;
import org.gatefold.backend.cuda.operation.CudaLoss;
import org.gatefold.backend.cuda.operation.CudaNorm;
import org.gatefold.backend.cuda.operation.CudaOptimizer;
import org.gatefold.backend.cuda.operation.CudaPooling;
import org.gatefold.backend.cuda.operation.CudaSequence;
import org.gatefold.backend.cuda.operation.CudaSoftmax;
import org.gatefold.backend.cuda.recurrent.StepsRecurrent;
import org.gatefold.backend.cuda.recurrent.cublas.CublasVariant;
import org.gatefold.backend.cuda.recurrent.fused.FusedSteps;
import org.gatefold.backend.cuda.recurrent.persistent.ClusterSteps;
import org.gatefold.backend.cuda.recurrent.persistent.PersistentSteps;
import org.gatefold.backend.cuda.tuning.CardFailures;
import org.gatefold.backend.cuda.tuning.CardIdentity;
import org.gatefold.backend.cuda.tuning.CardRecords;
import org.gatefold.backend.cuda.tuning.CudaTuner;
import org.gatefold.device.Backend;
import org.gatefold.device.Copies;
import org.gatefold.device.Device;
import org.gatefold.device.Download;
import org.gatefold.device.Memory;
import org.gatefold.device.Operation;
import org.gatefold.device.Stopwatch;
import org.gatefold.device.UploadMemory;
import org.gatefold.op.Precision;

/** One open GPU: owns context, staging buffers, kernels and cuBLAS, and offers the operations. Thread-safe. */
final class CudaSession implements Backend.Session {
    private final CudaContext context;
    private final PinnedCopies staging;
    private final Kernels kernels;
    private final Gemm gemm;
    private final StepsRecurrent recurrent;
    private final StepsRecurrent fused;
    private final StepsRecurrent fusedInParts;
    private final StepsRecurrent persistent;
    private final StepsRecurrent cluster;
    private final CudaLoss loss;
    private final CudaCtc ctc;
    private final CudaEmbedding embedding;
    private final CudaAttention attention;
    private final CudaConvolution convolution;
    private final CudaCrf crf;
    private final CudaNorm norm;
    private final CudnnOperations cudnn;
    private final CudaMemory memory;
    private final CardIdentity identity;
    private final List<Operation> operations;
    private final List<Object> services;

    CudaSession(String device, int ordinal, KernelSources sources) {
        this.context = new CudaContext(ordinal);
        this.staging = new PinnedCopies(context);
        this.kernels = new Kernels(context, KernelCache.standard(), sources);
        this.gemm = new Gemm(context, Precision.F32);
        this.recurrent = new StepsRecurrent(context, kernels, new CublasVariant());
        this.fused = new StepsRecurrent(context, kernels, new FusedSteps());
        this.fusedInParts = new StepsRecurrent(context, kernels, FusedSteps.inParts());
        this.loss = new CudaLoss(context, kernels);
        this.ctc = new CudaCtc(context, kernels);
        this.embedding = new CudaEmbedding(context, kernels);
        this.norm = new CudaNorm(context, kernels);
        this.convolution = new CudaConvolution(context, kernels, gemm);
        this.crf = new CudaCrf(context, kernels);
        this.attention = new CudaAttention(context, kernels);
        this.memory = new CudaMemory(device, context, staging, staging.inOrder());
        this.identity = CardIdentity.of(context, gemm, sources);
        CardRecords records = CardRecords.standard(identity);
        CardFailures failures = new CardFailures(records);
        Alarm alarm = context.alarm(
                List.of(PersistentSteps.NAME, ClusterSteps.NAME),
                name -> failures.failed("recurrent:" + name, Alarm.meaning(name)));
        this.persistent = new StepsRecurrent(context, kernels, new PersistentSteps(context, alarm));
        this.cluster = new StepsRecurrent(context, kernels, new ClusterSteps(context, alarm));
        // cuDNN is optional, and comes behind what needs no choice.
        this.cudnn = CudaLibraries.loadCudnn().isEmpty() ? new CudnnOperations(context, kernels) : null;
        this.services = List.of(new CudaTuner(context, records, failures), failures, context.repeated(), alarm);
        this.operations = new ArrayList<>(List.of(
                recurrent,
                fused,
                fusedInParts,
                persistent,
                cluster,
                new CudaLinear(context, kernels, gemm),
                new CudaElementwise(context, kernels),
                new CudaSequence(context, kernels),
                new CudaSoftmax(context, kernels),
                loss,
                ctc,
                embedding,
                attention,
                convolution,
                crf,
                new CudaPooling(context, kernels),
                norm,
                new CudaOptimizer(context, kernels)));
        if (cudnn != null) {
            operations.addAll(cudnn.list());
        }
    }

    @Override
    public Memory memory() {
        return memory;
    }

    @Override
    public Optional<UploadMemory> uploadMemory() {
        return Optional.of(new CudaUploadMemory(memory.name(), context, staging));
    }

    @Override
    public Optional<Download> download(int count) {
        return Optional.of(new CudaDownload(context, staging, count));
    }

    @Override
    public Optional<Stopwatch> stopwatch() {
        return Optional.of(new CudaTimer(context));
    }

    @Override
    public Copies copies() {
        return staging.copies();
    }

    @Override
    public String description() {
        return context.name() + ", compute capability " + context.capability() / 10 + "." + context.capability() % 10
                + ", " + context.multiprocessors() + " multiprocessors";
    }

    @Override
    public Map<String, String> properties() {
        Map<String, String> properties = new LinkedHashMap<>(identity.parts());
        properties.remove(CardIdentity.PROGRAM);
        if (context.simulated()) {
            properties.put(Device.SIMULATED, "yes");
        }
        properties.put("memory", context.memory());
        return properties;
    }

    @Override
    public <O extends Operation> List<O> operations(Class<O> contract) {
        return Operation.implementing(contract, operations);
    }

    @Override
    public <T> Optional<T> service(Class<T> type) {
        return services.stream().filter(type::isInstance).map(type::cast).findFirst();
    }

    @Override
    public void synchronize() {
        context.synchronizeAll();
    }

    @Override
    public void close() {
        if (cudnn != null) {
            cudnn.close();
        }
        embedding.close();
        attention.close();
        convolution.close();
        crf.close();
        norm.close();
        loss.close();
        ctc.close();
        persistent.close();
        cluster.close();
        fusedInParts.close();
        fused.close();
        recurrent.close();
        gemm.close();
        kernels.close();
        staging.close();
        context.close();
    }
}
