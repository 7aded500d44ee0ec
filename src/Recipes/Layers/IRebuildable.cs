using static TorchSharp.torch.nn;

namespace Recipes.Layers;

/// <summary>
/// A module that can build another of the same structure, folded parts included, with fresh weights. TorchSharp cannot
/// copy modules; with this and the state, the verbs can (<see cref="Modules.Copy{T}"/>).
/// </summary>
public interface IRebuildable
{
    /// <summary>A module of the same structure; its weights are arbitrary.</summary>
    Module Rebuild();

    /// <summary>Shape of a small input batch on which a copy can be compared with the original.</summary>
    IReadOnlyList<long> Probe { get; }
}
