using Recipes.Training;
using static TorchSharp.torch;

namespace Recipes.Verbs;

/// <summary>Where teachers' opinions come from: live networks, or what they said before.</summary>
internal interface ITeaching : IDisposable
{
    /// <summary>Says which teachers, weights included; part of a checkpoint's identity.</summary>
    string Name { get; }

    /// <summary>The teachers' names.</summary>
    IReadOnlyList<string> Teachers { get; }

    /// <summary>Why these teachers cannot teach this training.</summary>
    IEnumerable<string> Problems(TrainPlan plan, int classes);

    /// <summary>The teachers' log-probabilities for the present batch, <c>[K, B, C]</c> float32, without gradient.</summary>
    Tensor LogProbabilities(TrainState state);

    /// <summary>The teachers' first guesses on a set.</summary>
    /// <param name="test">The test images, which live teachers are asked on.</param>
    Exam Examine(IBatchSource test);
}

/// <summary>A set on which students and teachers are compared.</summary>
/// <param name="On">Says which images.</param>
/// <param name="Set">The images in a fixed order.</param>
/// <param name="Guesses">The first guess of each teacher for each image.</param>
internal sealed record Exam(string On, IBatchSource Set, IReadOnlyList<IReadOnlyList<int>> Guesses);
