using System.Globalization;
using System.Text;
using Recipes.Display;
using Recipes.Training;

namespace Recipes.Verbs;

/// <summary>How often a student says what one teacher says.</summary>
/// <param name="Name">The teacher's name.</param>
/// <param name="Top1">The teacher's own share of right first guesses, 0 to 1.</param>
/// <param name="Before">Share of images on which student and teacher had the same first guess before training.</param>
/// <param name="After">The same after training.</param>
public sealed record TeacherAgreement(string Name, double Top1, double Before, double After);

/// <summary>What distillation did to the student.</summary>
/// <param name="Student">The student's name.</param>
/// <param name="By">The loss.</param>
/// <param name="Steps">Optimizer steps.</param>
/// <param name="TrainLoss">Mean training loss of each epoch, as optimised.</param>
/// <param name="Before">The student on the test images before training.</param>
/// <param name="After">The student on the test images after training.</param>
/// <param name="AgreementOn">The images on which agreement is measured.</param>
/// <param name="Teachers">One row for each teacher.</param>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed record DistillEvidence(
    string Student,
    SoftTargets By,
    long Steps,
    IReadOnlyList<double> TrainLoss,
    Evaluation Before,
    Evaluation After,
    string AgreementOn,
    IReadOnlyList<TeacherAgreement> Teachers
) : IDisplay
{
    /// <summary>Losses of features beside <see cref="By"/>.</summary>
    public IReadOnlyList<FeatureTargets> Features { get; init; } = [];

    /// <summary>How alike features are, of each pair and teacher; on the test images.</summary>
    public IReadOnlyList<FeatureSimilarity> Similarities { get; init; } = [];

    private string Losses => new DistillTargets(By, Features).ToString();

    /// <summary>The student before and after, its training loss, how often it agrees with each teacher, and how alike features are.</summary>
    public string ToHtml()
    {
        var student = Table
            .With(Column.Text("Student"), Column.Number("Before"), Column.Number("After"))
            .Row("top-1 (%)", 100 * Before.Top1, 100 * After.Top1)
            .Row("test loss", Before.Loss, After.Loss)
            .Caption($"{Student} learned from {string.Join(", ", Teachers.Select(t => t.Name))} ({Losses}), {Steps:#,0} steps");
        var teachers = Table
            .From(
                Teachers,
                (Column.Text("Teacher"), t => t.Name),
                (Column.Number("Its top-1", "%", "0.0"), t => 100 * t.Top1),
                (Column.Number("Agreement before", "%", "0.0"), t => 100 * t.Before),
                (Column.Number("After", "%", "0.0"), t => 100 * t.After)
            )
            .Caption($"Agreement on the {AgreementOn}");
        var alike = Table
            .From(
                Similarities,
                (Column.Text("Teacher"), f => f.Name),
                (Column.Text("Its part"), f => f.Teacher),
                (Column.Text("Student's part"), f => f.Student),
                (Column.Number("Cosine before", "", "0.000"), f => f.Before.Cosine),
                (Column.Number("After", "", "0.000"), f => f.After.Cosine),
                (Column.Number("Distance before"), f => f.Before.Distance),
                (Column.Number("After"), f => f.After.Distance)
            )
            .Caption("Features on the test images");
        var epochs = Enumerable.Range(1, TrainLoss.Count).Select(e => (double)e);
        var loss = Charts.Curves("Training loss", "epoch", "training loss (nats)", [Series.Curve("training", epochs, TrainLoss)]);
        return new Blocks([
            student,
            teachers,
            .. Similarities.Count > 0 ? [alike] : Array.Empty<Block>(),
            .. TrainLoss.Count > 1 ? [loss] : Array.Empty<Block>(),
        ]).ToHtml();
    }

    /// <summary>One line a fact.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        Line($"distill: {Student} from {Teachers.Count} teacher{(Teachers.Count == 1 ? "" : "s")} ({Losses}), {Steps} steps");
        Line($"  top-1       {Before.Top1, 8:P1} -> {After.Top1, 6:P1} of {After.Count} test images");
        Line($"  test loss   {Before.Loss, 8:F3} -> {After.Loss, 6:F3}");
        if (TrainLoss.Count > 0)
            Line($"  train loss  {TrainLoss[0], 8:F3} -> {TrainLoss[^1], 6:F3} in {TrainLoss.Count} epochs");
        Line($"  agreement on the {AgreementOn}:");
        foreach (var (teacher, number) in Teachers.Select((t, i) => (t, i + 1)))
            Line($"    {number} {teacher.Name, -18}{teacher.Before, 8:P1} -> {teacher.After, 6:P1} (its own top-1 {teacher.Top1:P1})");
        if (Similarities.Count > 0)
            Line($"  features on the test images, cosine and distance:");
        foreach (var f in Similarities)
            Line(
                $"    {f.Student} of the student, {f.Teacher} of {f.Name}: {f.Before.Cosine:F3} -> {f.After.Cosine:F3}, {f.Before.Distance:G4} -> {f.After.Distance:G4}"
            );
        return text.ToString().TrimEnd();

        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }
}
