using System.Text.Json.Serialization;
using Recipes.Data;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>An encoder and a head for dense prediction, as one network.</summary>
public sealed record DenseNetworkSpec : ModelSpec
{
    /// <summary>The encoder.</summary>
    public required ModelSpec Backbone { get; init; }

    /// <summary>The head.</summary>
    public required DenseHeadSpec Head { get; init; }

    /// <summary>What is predicted. <see cref="ModelSpec.Classes"/> are those of segmentation or of boxes.</summary>
    public DenseTask Task { get; init; }

    /// <summary>The largest depth in metres: predictions are this times a sigmoid.</summary>
    /// <value>Default 10, as is usual for NYU Depth.</value>
    public double MaxDepth { get; init; } = 10;

    /// <summary>Whether the encoder keeps its weights and statistics while the head trains: a probe.</summary>
    public bool Frozen { get; init; }

    /// <summary>An encoder under UPerNet of 512 channels, which segments; ADE20K has 150 classes.</summary>
    public static DenseNetworkSpec UPerNet(ModelSpec backbone, int classes = 150) =>
        new()
        {
            Name = Named("upernet", backbone),
            Backbone = backbone,
            Head = new UPerNetSpec(),
            Classes = classes,
        };

    /// <summary>An encoder under DPT's head of 256 channels, which estimates depth up to 10 m.</summary>
    public static DenseNetworkSpec Dpt(ModelSpec backbone) =>
        new()
        {
            Name = Named("dpt", backbone),
            Backbone = backbone,
            Head = new DptSpec(),
            Task = DenseTask.Depth,
            Classes = 1,
        };

    /// <inheritdoc/>
    public override int Resolution => Backbone.Resolution;

    /// <inheritdoc/>
    [JsonIgnore]
    public override ImagePreprocessing? Preprocessing => Backbone.Preprocessing;

    /// <inheritdoc/>
    [JsonIgnore]
    public override string OutputName =>
        Task switch
        {
            DenseTask.Depth => "depth",
            DenseTask.Boxes => "boxes",
            _ => "logits",
        };

    /// <summary>Channels of the output: classes, 1 for depth, classes + 4 for boxes.</summary>
    [JsonIgnore]
    public int Outputs =>
        Task switch
        {
            DenseTask.Depth => 1,
            DenseTask.Boxes => Classes + 4,
            _ => Classes,
        };

    /// <summary>Everything that is out of range or does not fit together, one line each.</summary>
    public IReadOnlyList<string> Problems() =>
        [
            .. Head.Problems(),
            .. Task != DenseTask.Depth && Classes < 1 ? [$"dense.classes: expected at least 1, found {Classes}"] : Array.Empty<string>(),
            .. Task == DenseTask.Depth && !(MaxDepth > 0) ? [$"dense.maxDepth: expected above 0, found {MaxDepth}"] : Array.Empty<string>(),
            .. (Task == DenseTask.Boxes) != Head is BoxHeadSpec
                ? [$"dense.head: boxes and the head for boxes go together, found {Head.GetType().Name} for {Task}"]
                : Array.Empty<string>(),
        ];

    // The towers of pairs of encoders say so in their names.
    private static string Named(string head, ModelSpec backbone) =>
        $"{head}_{(backbone.Name.EndsWith("_image", StringComparison.Ordinal) ? backbone.Name[..^6] : backbone.Name)}";

    /// <inheritdoc/>
    protected override Module<Tensor, Tensor> Create() => new DenseNetwork(this, Backbone.BuildPart());
}
