using Recipes.Data;
using Recipes.Display;
using Recipes.Layers;
using Recipes.Models;
using Recipes.Training;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Verbs;

/// <summary>A network for a dense task and the evidence of what it learned.</summary>
/// <param name="Model">The network, in evaluation mode, with averaged weights where the plan averages; the caller's to dispose.</param>
/// <param name="Evidence">What it learned.</param>
/// <param name="Training">How training went.</param>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed record FineTuned(DenseNetwork Model, FineTuneEvidence Evidence, TrainResult Training) : IDisplay
{
    /// <summary>The evidence.</summary>
    public string ToHtml() => Evidence.ToHtml();

    /// <summary>The evidence.</summary>
    public override string ToString() => Evidence.ToString();
}

/// <summary>
/// The verb <b>fine-tune</b>: puts a head on a copy of an encoder, whatever it was trained for, and trains both, or the head alone, for a dense
/// task in the ordinary loop. Arguments stay as they are.
/// </summary>
public static class FineTuneVerb
{
    /// <summary>Fine-tunes a copy of an encoder for a class at each pixel, with UPerNet unless told otherwise.</summary>
    /// <inheritdoc cref="FineTune(Module{Tensor, Tensor}, DenseData, FineTuneOptions, TrainOptions)"/>
    public static FineTuned Segment(
        this Module<Tensor, Tensor> backbone,
        DenseData data,
        FineTuneOptions? options = null,
        TrainOptions? training = null
    ) => backbone.FineTune(data with { Task = DenseTask.Segmentation }, options, training);

    /// <summary>Fine-tunes a copy of an encoder for the depth of each pixel, with DPT's head unless told otherwise.</summary>
    /// <inheritdoc cref="FineTune(Module{Tensor, Tensor}, DenseData, FineTuneOptions, TrainOptions)"/>
    public static FineTuned EstimateDepth(
        this Module<Tensor, Tensor> backbone,
        DenseData data,
        FineTuneOptions? options = null,
        TrainOptions? training = null
    ) => backbone.FineTune(data with { Task = DenseTask.Depth }, options, training);

    /// <summary>Fine-tunes a copy of an encoder for boxes.</summary>
    /// <inheritdoc cref="FineTune(Module{Tensor, Tensor}, DenseData, FineTuneOptions, TrainOptions)"/>
    public static FineTuned Detect(
        this Module<Tensor, Tensor> backbone,
        DenseData data,
        FineTuneOptions? options = null,
        TrainOptions? training = null
    ) => backbone.FineTune(data with { Task = DenseTask.Boxes }, options, training);

    /// <summary>
    /// Fine-tunes a copy of an encoder, or of a whole dense network, for the data's task. An encoder gets a fresh head with weights from the
    /// plan's seed.
    /// </summary>
    /// <param name="backbone">An encoder with feature maps (<see cref="IDenseBackbone"/>) such as the image tower of a network of images and texts, or a
    /// <see cref="DenseNetwork"/> of the same task; it stays as it is.</param>
    /// <param name="data">The pictures and what is known of them.</param>
    /// <param name="options">Head, plan, what learns.</param>
    /// <param name="training">Run folder, cancellation, observers; its objective is not used.</param>
    /// <exception cref="RecipesException">Options, data and network do not fit each other, files are missing or broken, or training diverges.</exception>
    public static FineTuned FineTune(
        this Module<Tensor, Tensor> backbone,
        DenseData data,
        FineTuneOptions? options = null,
        TrainOptions? training = null
    )
    {
        options ??= new FineTuneOptions();
        RecipesException.ThrowIfAny($"{Modules.NameOf(backbone)} cannot be fine-tuned:", [.. options.Problems(), .. data.Problems()]);
        var set = new CachedDense(data.Source.Open(Split.Train));
        var train = new DenseBatches(set, data, options.Plan.Seed);
        var test = new DenseBatches(new CachedDense(data.Source.Open(Split.Test)), data);
        var network = Network(backbone, data, options, train.Classes);
        try
        {
            return Train(network, data, options, training ?? new TrainOptions(), (train, test), set.Count);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>The objective of a task.</summary>
    /// <param name="task">The task.</param>
    /// <param name="depth">How depths are compared.</param>
    public static IObjective Objective(this DenseTask task, DepthLoss depth = DepthLoss.ScaleInvariant) =>
        task switch
        {
            DenseTask.Depth => new DepthRegression(depth),
            DenseTask.Boxes => BoxDetection.Objective,
            _ => SemanticSegmentation.Objective,
        };

    private static DenseNetwork Network(Module<Tensor, Tensor> backbone, DenseData data, FineTuneOptions options, int classes)
    {
        if (backbone is not DenseNetwork given)
            return DenseNetwork.Over(
                Modules.Copy(backbone),
                options.HeadFor(data.Task),
                data.Task,
                Math.Max(1, classes),
                options.MaxDepth,
                options.Frozen,
                options.Plan.Seed
            );
        if (given.Spec.Task != data.Task || (data.Task != DenseTask.Depth && given.Spec.Classes != classes))
            throw new RecipesException(
                $"{given.Spec.Name}: predicts {given.Spec.Task} of {given.Spec.Classes} classes, the data are {data.Task} of {classes}. Give its encoder (Backbone) a fresh head."
            );
        return Modules.Copy(given);
    }

    private static FineTuned Train(
        DenseNetwork network,
        DenseData data,
        FineTuneOptions options,
        TrainOptions training,
        (DenseBatches Train, DenseBatches Test) batches,
        int labelled
    )
    {
        var plan = options.Plan with { Optimizer = options.Plan.Optimizer with { Rates = Rates(network, options) } };
        using var result = Trainer.Train(
            network,
            plan,
            batches.Train,
            batches.Test,
            training with
            {
                Objective = data.Task.Objective(options.DepthLoss),
            }
        );
        result.Ema?.Restore(network);
        network.eval();
        return new FineTuned(
            network,
            new FineTuneEvidence(
                network.Spec.Name,
                network.Head.GetName(),
                data.Task,
                network.Spec.Frozen,
                labelled,
                result.Steps,
                result.Seconds,
                result.History,
                result.FinalEma ?? result.Final!,
                DensePictures.Of(network, batches.Test, data, options.Pictures)
            ),
            result with
            {
                Ema = null,
            }
        );
    }

    // The stem learns slowest, the last layer as decay, the head as the plan says (BEiT, arXiv 2106.08254).
    private static IReadOnlyList<PartRate>? Rates(DenseNetwork network, FineTuneOptions options)
    {
        if (options.LayerDecay == 1 || network.Spec.Frozen)
            return options.Plan.Optimizer.Rates;
        var encoder = (IDenseBackbone)network.Backbone;
        return
        [
            .. options.Plan.Optimizer.Rates ?? [],
            .. network
                .Backbone.named_parameters()
                .Select(p => (Part: string.Join('.', p.name.Split('.').Take(2)), Layer: encoder.LayerOf(p.name)))
                .Distinct()
                .Select(p => new PartRate($"backbone.{p.Part}", Math.Pow(options.LayerDecay, encoder.LayerCount + 1 - p.Layer))),
        ];
    }
}
