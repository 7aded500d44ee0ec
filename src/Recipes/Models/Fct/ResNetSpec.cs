using System.Collections.Immutable;
using System.Text.Json.Serialization;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>
/// A ResNet that ends in a small embedding, as Forward Compatible Training uses it (arXiv 2112.02805): the last block puts out the
/// embedding's channels. Entry points: <see cref="ResNet"/>.
/// </summary>
public sealed record ResNetSpec : ModelSpec
{
    /// <summary>Blocks of each of the four stages.</summary>
    public required ImmutableArray<int> Depths { get; init; }

    /// <summary>Whether blocks are bottlenecks of three convolutions, four times as wide outside; else two 3x3 convolutions.</summary>
    public required bool Bottleneck { get; init; }

    /// <summary>Inner width of the bottlenecks over that of the plain network.</summary>
    /// <value>Default 1.</value>
    public int Widening { get; init; } = 1;

    /// <summary>D, width of the embedding.</summary>
    /// <value>Default 128.</value>
    public int Embedding { get; init; } = 128;

    /// <summary>Whether the last block ends in its ReLU, which makes embeddings non-negative.</summary>
    /// <value>Default true.</value>
    public bool LastActivation { get; init; } = true;

    /// <summary>Channels outside of a block over those inside.</summary>
    [JsonIgnore]
    internal int Expansion => Bottleneck ? 4 : 1;

    /// <summary>The spec with another width of the embedding.</summary>
    public ResNetSpec WithEmbedding(int width) => this with { Embedding = width };

    /// <summary>The spec without the last ReLU, or with it.</summary>
    public ResNetSpec WithLastActivation(bool active) => this with { LastActivation = active };

    /// <inheritdoc/>
    [JsonIgnore]
    public override string OutputName => "logits";

    /// <inheritdoc/>
    protected override Module<Tensor, Tensor> Create() => new ResNet(this);
}
