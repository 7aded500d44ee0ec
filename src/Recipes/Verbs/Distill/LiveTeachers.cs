using Recipes.Layers;
using Recipes.Training;
using Recipes.Weights;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Verbs;

/// <summary>Networks that are asked batch by batch, in evaluation mode and without gradients; their own modes return in the end.</summary>
internal sealed class LiveTeachers : ITeaching
{
    private readonly IReadOnlyList<Module<Tensor, Tensor>> _teachers;
    private readonly EvaluationMode _mode;

    public LiveTeachers(IReadOnlyList<Module<Tensor, Tensor>> teachers)
    {
        _teachers = teachers;
        _mode = new EvaluationMode(teachers);
        Teachers = [.. teachers.Select(t => t.GetName())];
    }

    public string Name => string.Join(", ", _teachers.Select(t => $"{t.GetName()} {StateDict.Digest(t)}"));

    public IReadOnlyList<string> Teachers { get; }

    public IEnumerable<string> Problems(TrainPlan plan, int classes) =>
        _teachers.Count > 0 ? [] : ["teachers: expected at least 1, found 0"];

    public Tensor LogProbabilities(TrainState state) => LogProbabilities(state.Inputs);

    /// <summary>Log-probabilities <c>[K, B, C]</c> float32 for images <c>[B, 3, H, W]</c>.</summary>
    public Tensor LogProbabilities(Tensor images)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        return stack(_teachers.Select(Ask)).MoveToOuterDisposeScope();

        Tensor Ask(Module<Tensor, Tensor> teacher)
        {
            var logits = teacher.call(Layout.Prepare(images, teacher.parameters().First(), channelsLast: false));
            return functional.log_softmax(logits.to(ScalarType.Float32), 1).to(images.device);
        }
    }

    public Exam Examine(IBatchSource test) =>
        new(
            "test images",
            test,
            [.. _teachers.Select(t => Evaluator.Evaluate(t, test, new EvaluationOptions { Samples = int.MaxValue }).Samples.Guesses())]
        );

    public void Dispose() => _mode.Dispose();
}
