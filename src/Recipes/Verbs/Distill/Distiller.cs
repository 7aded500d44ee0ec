using Recipes.Training;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Verbs;

/// <summary>Trains a student in place and measures it before and after; the function and the recipe step both call it.</summary>
internal static class Distiller
{
    /// <summary>Trains; the student ends in evaluation mode, with averaged weights where the plan averages.</summary>
    /// <exception cref="RecipesException">Options, teachers, student and images do not fit each other; all problems together.</exception>
    public static (TrainResult Training, DistillEvidence Evidence) Run(
        Module<Tensor, Tensor> student,
        ITeaching teaching,
        IReadOnlyList<Module<Tensor, Tensor>> teachers,
        DistillOptions options,
        (IBatchSource Train, IBatchSource Test) images,
        TrainOptions training
    )
    {
        var (train, test) = images;
        RecipesException.ThrowIfAny(
            $"{student.GetName()} cannot be distilled:",
            [
                .. options.Problems(),
                .. teaching.Problems(options.Plan, test.Classes),
                .. teachers.Prepend(student).SelectMany((m, i) => Classifiers.Problems(i == 0 ? "student" : $"teacher {i}", m, test)),
                .. options.Features.Count > 0 && teachers.Count == 0
                    ? ["features: stored opinions have none; teach with live teachers"]
                    : Array.Empty<string>(),
            ]
        );
        using var features =
            options.Features.Count > 0 ? new FeatureTeaching(student, teachers, options.Features, test, options.Plan.Seed) : null;
        var trained = features?.Trained ?? student;
        var alikeBefore = features?.Measure(test, training.Cancellation);
        var exam = teaching.Examine(test);
        var before = Measure(student, exam, test, training);
        var result = Trainer.Train(
            trained,
            options.Plan,
            train,
            test,
            training with
            {
                Objective = new Distillation(options.By, teaching, features),
            }
        );
        result.Ema?.Restore(trained);
        student.eval();
        var alikeAfter = features?.Measure(test, training.Cancellation);
        var after = Measure(student, exam, test, training);
        var agreements = exam.Guesses.Select(
            (guesses, i) =>
                new TeacherAgreement(
                    teaching.Teachers[i],
                    Share(guesses, before.Labels),
                    Share(guesses, before.Guesses),
                    Share(guesses, after.Guesses)
                )
        );
        return (
            result,
            new DistillEvidence(
                student.GetName(),
                options.By,
                result.Steps,
                [.. result.History.Select(row => row.TrainLoss)],
                before.Test,
                after.Test,
                exam.On,
                [.. agreements]
            )
            {
                Features = options.Features,
                Similarities = features?.Evidence(teaching.Teachers, alikeBefore!, alikeAfter!) ?? [],
            }
        );
    }

    /// <summary>The first guesses, in order.</summary>
    public static int[] Guesses(this IReadOnlyList<Prediction> predictions) => [.. predictions.Select(p => p.Predicted)];

    private sealed record Measured(Evaluation Test, IReadOnlyList<int> Guesses, IReadOnlyList<int> Labels);

    private static Measured Measure(Module<Tensor, Tensor> student, Exam exam, IBatchSource test, TrainOptions training)
    {
        var all = new EvaluationOptions { Samples = int.MaxValue };
        var measured = Evaluator.Evaluate(student, test, all, training.Cancellation);
        var examined = ReferenceEquals(exam.Set, test) ? measured : Evaluator.Evaluate(student, exam.Set, all, training.Cancellation);
        return new Measured(measured with { Samples = [] }, examined.Samples.Guesses(), [.. examined.Samples.Select(s => s.Label)]);
    }

    private static double Share(IReadOnlyList<int> a, IReadOnlyList<int> b) => (double)a.Zip(b).Count(p => p.First == p.Second) / a.Count;
}
