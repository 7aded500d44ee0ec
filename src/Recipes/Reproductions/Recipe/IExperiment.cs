using System.Text.Json.Nodes;
using Recipes.Training;

namespace Recipes.Reproductions;

/// <summary>What an arm runs: a recipe of any kind.</summary>
public interface IExperiment
{
    /// <summary>The canonical JSON: equal experiments have equal text.</summary>
    JsonNode ToJson();

    /// <summary>Runs it, and keeps the numbers.</summary>
    /// <param name="arm">The arm's name.</param>
    /// <param name="seed">The arm's seed.</param>
    /// <param name="surroundings">Folder, device, and what is shared with other arms.</param>
    ArmResult Run(string arm, long seed, Surroundings surroundings);
}

/// <summary>What surrounds an experiment and does not change its outcome.</summary>
/// <param name="Training">Folder for checkpoints, resume, cancellation, observers.</param>
/// <param name="Device"><c>auto</c>, <c>cpu</c> or <c>cuda</c>.</param>
/// <param name="Shared">What several arms need.</param>
public sealed record Surroundings(TrainOptions Training, string Device, SharedWork Shared);
