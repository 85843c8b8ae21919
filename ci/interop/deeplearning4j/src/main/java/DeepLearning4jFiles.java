import java.io.File;
import java.io.FileOutputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.rnn.DuplicateToTimeSeriesVertex;
import org.deeplearning4j.nn.conf.graph.rnn.LastTimeStepVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.GravesBidirectionalLSTM;
import org.deeplearning4j.nn.conf.layers.GravesLSTM;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.RnnLossLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.Subsampling1DLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.RepeatVector;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToRnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.RnnToCnnPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.preprocessor.NormalizerStandardize;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * Models of many kinds of layers, saved by Deeplearning4j with random weights, and what they give, as NumPy's arrays with steps before
 * features: {@code NAME.in}, {@code NAME.in.lengths}, {@code NAME.out}.
 */
public final class DeepLearning4jFiles {
    private final File folder;
    private final Map<String, INDArray> arrays = new LinkedHashMap<>();

    private DeepLearning4jFiles(File folder) {
        this.folder = folder;
    }

    public static void main(String[] args) throws Exception {
        Nd4j.setDefaultDataTypes(DataType.FLOAT, DataType.FLOAT);
        Nd4j.getRandom().setSeed(7);
        new DeepLearning4jFiles(new File(args[0])).make();
        System.exit(0);
    }

    private static NeuralNetConfiguration.ListBuilder list(Layer... layers) {
        NeuralNetConfiguration.ListBuilder list =
                new NeuralNetConfiguration.Builder().seed(1).updater(new Adam(1e-3)).list();
        for (Layer layer : layers) {
            list.layer(layer);
        }
        return list;
    }

    private static RnnOutputLayer steps(int out, Activation activation) {
        return new RnnOutputLayer.Builder(LossFunction.MSE).activation(activation).nOut(out).build();
    }

    private static OutputLayer rows(int out, Activation activation) {
        return new OutputLayer.Builder(LossFunction.MSE).activation(activation).nOut(out).build();
    }

    private static LSTM lstm(int units) {
        return new LSTM.Builder().nOut(units).activation(Activation.TANH).build();
    }

    private static DenseLayer dense(int units, Activation activation) {
        return new DenseLayer.Builder().nOut(units).activation(activation).build();
    }

    private static InputType.InputTypeRecurrent features(int size) {
        return (InputType.InputTypeRecurrent) InputType.recurrent(size);
    }

    private void make() throws Exception {
        INDArray series = Nd4j.randn(3, 4, 6); // rows, features, steps
        int[] lengths = {6, 3, 5};

        sequence("lstm", series, lengths, list(
                lstm(5),
                new LSTM.Builder().nOut(4).activation(Activation.SOFTSIGN).gateActivationFunction(Activation.HARDSIGMOID).dropOut(0.8).build(),
                steps(3, Activation.SOFTMAX)).setInputType(features(4)).build());
        sequence("graves", series, lengths, list(
                new GravesLSTM.Builder().nOut(5).activation(Activation.TANH).build(),
                new GravesBidirectionalLSTM.Builder().nOut(4).activation(Activation.TANH).build(),
                new GravesLSTM.Builder().nOut(3).activation(Activation.TANH).gateActivationFunction(Activation.HARDSIGMOID).build(),
                steps(2, Activation.IDENTITY)).setInputType(features(4)).build());
        // Not in LastTimeStep, it reads padding backward as if it were steps, so that there is none here.
        sequence("bidirectional", series, null, list(
                new Bidirectional(Bidirectional.Mode.CONCAT, lstm(5)),
                new Bidirectional(Bidirectional.Mode.ADD, new GravesLSTM.Builder().nOut(4).activation(Activation.TANH).build()),
                new Bidirectional(Bidirectional.Mode.AVERAGE, new SimpleRnn.Builder().nOut(4).activation(Activation.TANH).build()),
                new Bidirectional(Bidirectional.Mode.MUL, lstm(3)),
                new LastTimeStep(new SimpleRnn.Builder().nOut(4).activation(Activation.RELU).build()),
                dense(3, Activation.RELU),
                rows(2, Activation.SIGMOID)).setInputType(features(4)).build());
        sequence("lastboth", series, lengths, list(
                new LastTimeStep(new Bidirectional(Bidirectional.Mode.CONCAT, lstm(5))),
                rows(2, Activation.TANH)).setInputType(features(4)).build());
        sequence("steps", series, null, list(
                lstm(5),
                dense(4, Activation.ELU),
                new BatchNormalization.Builder().build(),
                new ActivationLayer(Activation.LEAKYRELU),
                new DropoutLayer(0.5),
                lstm(3),
                steps(2, Activation.SOFTPLUS)).setInputType(features(4)).build());
        sequence("pooled", series, lengths, list(
                lstm(5),
                new GlobalPoolingLayer.Builder(PoolingType.AVG).build(),
                rows(2, Activation.SWISH)).setInputType(features(4)).build());
        sequence("series", series, null, list(
                new Convolution1DLayer.Builder().kernelSize(3).nOut(5).convolutionMode(ConvolutionMode.Same).activation(Activation.RELU).build(),
                new Convolution1DLayer.Builder().kernelSize(2).nOut(4).convolutionMode(ConvolutionMode.Causal).dilation(2).activation(Activation.TANH).build(),
                new Subsampling1DLayer.Builder(SubsamplingLayer.PoolingType.MAX).kernelSize(2).stride(2).build(),
                lstm(4),
                new RnnLossLayer.Builder(LossFunction.MSE).activation(Activation.SIGMOID).build()).setInputType(InputType.recurrent(4, 6)).build());
        sequence("frozen", series, null, list(
                new FrozenLayer(lstm(5)),
                new GlobalPoolingLayer.Builder(PoolingType.MAX).build(),
                new BatchNormalization.Builder().useLogStd(true).build(),
                new BatchNormalization.Builder().lockGammaBeta(true).gamma(1.5).beta(0.25).build(),
                new RepeatVector.Builder(3).build(),
                lstm(3)).setInputType(features(4)).build());

        INDArray words = Nd4j.create(new float[][] {{1, 5, 2, 0, 7}, {3, 3, 8, 0, 0}, {4, 9, 1, 2, 0}});
        MultiLayerNetwork reader = filled(list(
                new EmbeddingSequenceLayer.Builder().nIn(10).nOut(4).inputLength(5).build(),
                new LSTM.Builder().nIn(4).nOut(5).activation(Activation.TANH).build(),
                new GlobalPoolingLayer.Builder(PoolingType.MAX).build(),
                new OutputLayer.Builder(LossFunction.MSE).activation(Activation.SOFTMAX).nIn(5).nOut(2).build()).build());
        save("words", reader);
        put("words", words, reader.output(words.reshape(3, 1, 5)));
        INDArray ids = Nd4j.create(new float[][] {{1}, {5}, {9}});
        MultiLayerNetwork table = filled(list(
                new EmbeddingLayer.Builder().nIn(10).nOut(4).hasBias(true).activation(Activation.TANH).build(),
                new DenseLayer.Builder().nIn(4).nOut(3).activation(Activation.SIGMOID).build(),
                new OutputLayer.Builder(LossFunction.MSE).nIn(3).nOut(2).activation(Activation.IDENTITY).hasBias(false).build()).build());
        save("ids", table);
        put("ids", ids.reshape(3), table.output(ids));

        INDArray images = Nd4j.randn(2, 3, 8, 6);
        MultiLayerNetwork seeing = filled(list(
                new ConvolutionLayer.Builder(3, 3).nOut(4).stride(1, 1).convolutionMode(ConvolutionMode.Same).activation(Activation.RELU).build(),
                new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX).kernelSize(2, 2).stride(2, 2).build(),
                new BatchNormalization.Builder().build(),
                new ZeroPaddingLayer.Builder(1, 1).build(),
                new ConvolutionLayer.Builder(2, 2).nOut(5).stride(2, 1).activation(Activation.IDENTITY).hasBias(false).build(),
                new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.AVG).kernelSize(2, 2).stride(1, 1).build(),
                dense(4, Activation.TANH),
                rows(3, Activation.SOFTMAX)).setInputType(InputType.convolutional(8, 6, 3)).build());
        save("image", seeing);
        put("image", images, seeing.output(images));
        MultiLayerNetwork lastChannels = filled(list(
                new ConvolutionLayer.Builder(3, 3).nOut(4).activation(Activation.TANH).dataFormat(CNN2DFormat.NHWC).build(),
                new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX).kernelSize(2, 2).stride(2, 2).dataFormat(CNN2DFormat.NHWC).build(),
                rows(3, Activation.SOFTMAX)).setInputType(InputType.convolutional(8, 6, 3, CNN2DFormat.NHWC)).build());
        save("channels", lastChannels);
        put("channels", images, lastChannels.output(images.permute(0, 2, 3, 1).dup()));
        INDArray flat = Nd4j.randn(2, 48);
        MultiLayerNetwork digits = filled(list(
                new ConvolutionLayer.Builder(3, 3).nOut(4).activation(Activation.RELU).build(),
                new GlobalPoolingLayer.Builder(PoolingType.MAX).build(),
                rows(3, Activation.SOFTMAX)).setInputType(InputType.convolutionalFlat(6, 8, 1)).build());
        save("flat", digits);
        put("flat", flat, digits.output(flat));

        // Steps before features already.
        MultiLayerNetwork last = filled(new NeuralNetConfiguration.Builder().dataType(DataType.DOUBLE).list()
                .layer(new LSTM.Builder().nOut(5).activation(Activation.TANH).dataFormat(RNNFormat.NWC).build())
                .layer(new RnnOutputLayer.Builder(LossFunction.MSE).activation(Activation.IDENTITY).nOut(2).dataFormat(RNNFormat.NWC).build())
                .setInputType(InputType.recurrent(4, RNNFormat.NWC)).build());
        save("double", last);
        INDArray turned = series.permute(0, 2, 1).dup().castTo(DataType.DOUBLE);
        put("double", turned, last.output(turned));
        NormalizerStandardize scaler = new NormalizerStandardize();
        INDArray raw = Nd4j.randn(20, 3).muli(4).addi(2);
        scaler.fit(new DataSet(raw, raw));
        MultiLayerNetwork half = filled(new NeuralNetConfiguration.Builder().dataType(DataType.HALF).list()
                .layer(new DenseLayer.Builder().nIn(3).nOut(4).activation(Activation.TANH).build())
                .layer(new OutputLayer.Builder(LossFunction.MSE).activation(Activation.IDENTITY).nIn(4).nOut(2).build()).build());
        File normalized = new File(folder, "half.zip");
        ModelSerializer.writeModel(half, normalized, true);
        ModelSerializer.addNormalizerToModel(normalized, scaler);
        INDArray few = Nd4j.randn(2, 3);
        put("half", few, half.output(few.castTo(DataType.HALF)).castTo(DataType.FLOAT));

        graph();
        sequence("video", Nd4j.randn(2, 2 * 6 * 5, 4), null, list(
                new ConvolutionLayer.Builder(3, 3).nIn(2).nOut(3).activation(Activation.RELU).build(),
                new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX).kernelSize(2, 2).stride(2, 2).build(),
                new DenseLayer.Builder().nIn(6).nOut(5).activation(Activation.RELU).build(),
                new GravesLSTM.Builder().nIn(5).nOut(4).activation(Activation.SOFTSIGN).build(),
                new RnnOutputLayer.Builder(LossFunction.MSE).activation(Activation.SOFTMAX).nIn(4).nOut(3).build())
                .inputPreProcessor(0, new RnnToCnnPreProcessor(6, 5, 2))
                .inputPreProcessor(2, new CnnToFeedForwardPreProcessor(2, 1, 3))
                .inputPreProcessor(3, new FeedForwardToRnnPreProcessor())
                .build());
        write();
    }

    private void graph() throws Exception {
        ComputationGraphConfiguration configuration = new NeuralNetConfiguration.Builder().graphBuilder()
                .addInputs("series", "facts")
                .addLayer("left", lstm(4), "series")
                .addLayer("right", new GravesLSTM.Builder().nOut(4).activation(Activation.TANH).build(), "series")
                .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "left", "right")
                .addVertex("product", new ElementWiseVertex(ElementWiseVertex.Op.Product), "left", "right")
                .addVertex("mean", new ElementWiseVertex(ElementWiseVertex.Op.Average), "sum", "product")
                .addVertex("both", new MergeVertex(), "mean", "left")
                .addVertex("last", new LastTimeStepVertex("series"), "both")
                .addLayer("dense", dense(3, Activation.TANH), "facts")
                .addVertex("joined", new MergeVertex(), "last", "dense")
                .addLayer("answer", rows(2, Activation.SOFTMAX), "joined")
                .addVertex("repeated", new DuplicateToTimeSeriesVertex("series"), "joined")
                .addLayer("writer", lstm(3), "repeated")
                .addLayer("series_out", steps(2, Activation.SOFTMAX), "writer")
                .setOutputs("answer", "series_out")
                .setInputTypes(InputType.recurrent(4), InputType.feedForward(5))
                .build();
        ComputationGraph net = new ComputationGraph(configuration);
        net.init();
        net.setParams(Nd4j.randn(net.params().shape()).muli(0.4));
        ModelSerializer.writeModel(net, new File(folder, "graph.zip"), true);
        INDArray series = Nd4j.randn(2, 4, 5);
        INDArray facts = Nd4j.randn(2, 5);
        INDArray[] out = net.output(series, facts);
        arrays.put("graph.in.series", stepsFirst(series));
        arrays.put("graph.in.facts", facts);
        arrays.put("graph.out.answer", out[0]);
        arrays.put("graph.out.series_out", stepsFirst(out[1]));
        ComputationGraph chain = new ComputationGraph(new NeuralNetConfiguration.Builder().graphBuilder()
                .addInputs("in")
                .addLayer("lstm", lstm(4), "in")
                .addLayer("dense", dense(3, Activation.TANH), "lstm")
                .addLayer("again", lstm(3), "dense")
                .addLayer("out", steps(2, Activation.SIGMOID), "again")
                .setOutputs("out")
                .setInputTypes(InputType.recurrent(4))
                .build());
        chain.init();
        chain.setParams(Nd4j.randn(chain.params().shape()).muli(0.4));
        ModelSerializer.writeModel(chain, new File(folder, "chain.zip"), false);
        put("chain", stepsFirst(series), stepsFirst(chain.output(series)[0]));
    }

    private void sequence(String name, INDArray series, int[] lengths, MultiLayerConfiguration configuration) throws Exception {
        MultiLayerNetwork net = filled(configuration);
        save(name, net);
        INDArray mask = null;
        if (lengths != null) {
            mask = Nd4j.zeros(lengths.length, series.size(2));
            for (int row = 0; row < lengths.length; row++) {
                for (int step = 0; step < lengths[row]; step++) {
                    mask.putScalar(row, step, 1f);
                }
            }
            arrays.put(name + ".in.lengths", Nd4j.createFromArray(lengths));
        }
        INDArray out = net.output(series, false, mask, null);
        put(name, stepsFirst(series), out.rank() == 3 ? stepsFirst(out) : out);
    }

    private static INDArray stepsFirst(INDArray array) {
        return array.permute(0, 2, 1).dup('c');
    }

    /** Random weights and biases; variances stay positive. */
    private static MultiLayerNetwork filled(MultiLayerConfiguration configuration) {
        MultiLayerNetwork net = new MultiLayerNetwork(configuration);
        net.init();
        net.setParams(Nd4j.randn(net.params().shape()).castTo(net.params().dataType()).muli(0.4));
        net.paramTable().forEach((name, values) -> {
            if (name.endsWith("_var")) {
                values.assign(Nd4j.rand(values.shape()).addi(0.5));
            }
        });
        return net;
    }

    private void save(String name, MultiLayerNetwork net) throws Exception {
        ModelSerializer.writeModel(net, new File(folder, name + ".zip"), name.equals("lstm"));
    }

    private void put(String name, INDArray in, INDArray out) {
        arrays.put(name + ".in", in);
        arrays.put(name + ".out", out);
        System.out.println(name + " " + in.shapeInfoToString() + " -> " + java.util.Arrays.toString(out.shape()));
    }

    private void write() throws Exception {
        try (ZipOutputStream zip = new ZipOutputStream(new FileOutputStream(new File(folder, "models.npz")))) {
            for (Map.Entry<String, INDArray> entry : arrays.entrySet()) {
                zip.putNextEntry(new ZipEntry(entry.getKey() + ".npy"));
                INDArray value = entry.getValue();
                zip.write(Nd4j.toNpyByteArray(value.dataType() == DataType.INT ? value : value.castTo(DataType.FLOAT).dup('c')));
            }
        }
    }
}
