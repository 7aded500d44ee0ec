using System.Runtime.ExceptionServices;
using FSharp.Compiler.Diagnostics;
using FSharp.Compiler.Interactive;
using Microsoft.FSharp.Control;
using Microsoft.FSharp.Core;
using Recipes.Notebook.Cells.Execution;
using Recipes.Notebook.Documents;

namespace Recipes.Notebook.Cells.Languages;

/// <summary>F# cells on the compiler's interactive session.</summary>
internal sealed class FSharpLanguage : ICellLanguage
{
    private readonly Shell.FsiEvaluationSession _session;
    private readonly FSharpCompletion _completion;

    public FSharpLanguage()
    {
        string[] arguments =
        [
            "fsi",
            "--noninteractive",
            "--quiet",
            "--nologo",
            "--gui-",
            "--debug+",
            "--optimize+",
            "--langversion:latest",
            "--usesdkrefs-",
            .. CellReferences.Ours.Select(p => "-r:" + p),
        ];
        // The compiler waits for its own tasks: they must not need the thread that waits.
        using var _ = CellThread.Detached();
        _session = Shell.FsiEvaluationSession.Create(
            Shell.FsiEvaluationSession.GetDefaultConfiguration(),
            arguments,
            new StringReader(""),
            TextWriter.Null,
            TextWriter.Null,
            FSharpOption<bool>.None,
            null
        );
        _completion = new FSharpCompletion(_session);
        Evaluate("open Recipes.Notebook.Display\nopen type Recipes.Notebook.Display.Displays", "start", CancellationToken.None);
    }

    public string Name => CellLanguages.FSharp;

    public Task<CellValue> RunAsync(string code, string cell, CancellationToken cancellation)
    {
        var result = Evaluate(FSharpSource.Prepare(code), cell, cancellation);
        if (result is null || result.Value.ReflectionType == typeof(Unit))
            return Task.FromResult(CellValue.None);
        return Awaited(result.Value.ReflectionValue);
    }

    public IReadOnlyList<Variable> Variables() =>
        [
            .. _session
                .GetBoundValues()
                .Where(b => b.Name != "it")
                .OrderBy(b => b.Name, StringComparer.Ordinal)
                .Select(b => new Variable(b.Name, b.Value.ReflectionType, b.Value.ReflectionValue)),
        ];

    public void Set(string name, object? value, Type type)
    {
        var declared = TypeNames.Nameable(type, t => !t.Assembly.IsDynamic && (t.Assembly.Location.Length > 0 || IsOurs(t)));
        var code =
            $"let ``{name}`` : {TypeNames.FSharp(declared)} = unbox (Recipes.Notebook.Cells.SharedValues.Take {SharedValues.Put(value)}L)";
        Evaluate(code, "shared value", CancellationToken.None);
    }

    public void AddReferences(IReadOnlyList<string> paths) =>
        Evaluate(string.Join("\n", paths.Select(p => $"#r @\"{p}\"")), "references", CancellationToken.None);

    public Completions Complete(string code, int cursor, CancellationToken cancellation) => _completion.Complete(code, cursor);

    public MimeBundle? Inspect(string code, int cursor, CancellationToken cancellation) => _completion.Inspect(code, cursor);

    public Completeness IsComplete(string code) => _completion.IsComplete(code);

    private static bool IsOurs(Type type) => type.Assembly.GetName().Name!.StartsWith("FSI-ASSEMBLY", StringComparison.Ordinal);

    private FSharpOption<Shell.FsiValue>? Evaluate(string code, string cell, CancellationToken cancellation)
    {
        using var _ = CellThread.Detached();
        var (result, diagnostics) = _session.EvalInteractionNonThrowing(code, cell, FSharpOption<CancellationToken>.Some(cancellation));
        if (result is FSharpChoice<FSharpOption<Shell.FsiValue>?, Exception>.Choice1Of2 value)
            return value.Item;
        var failure = ((FSharpChoice<FSharpOption<Shell.FsiValue>?, Exception>.Choice2Of2)result).Item;
        string[] errors =
        [
            .. diagnostics
                .Where(d => d.Severity.IsError)
                .Select(d => $"({d.StartLine},{d.StartColumn + 1}): error {d.ErrorNumberText}: {d.Message}"),
        ];
        if (failure is Shell.FsiCompilationException && errors.Length > 0)
            throw CellException.Compilation(errors);
        ExceptionDispatchInfo.Throw(failure);
        throw failure;
    }

    // F# has no await at the top level: a task or an async at a cell's end is awaited, and its result shown.
    private static Task<CellValue> Awaited(object? value)
    {
        var type = value?.GetType();
        while (
            type is not null
            && !(
                type.IsGenericType
                && (type.GetGenericTypeDefinition() == typeof(Task<>) || type.GetGenericTypeDefinition() == typeof(FSharpAsync<>))
            )
        )
            type = type.BaseType;
        if (type is null)
        {
            if (value is not Task plain)
                return Task.FromResult(new CellValue(true, value));
            CellThread.Pump(plain);
            return Task.FromResult(CellValue.None);
        }
        if (type.GetGenericTypeDefinition() == typeof(FSharpAsync<>))
        {
            value = typeof(FSharpAsync)
                .GetMethod(nameof(FSharpAsync.StartAsTask))!
                .MakeGenericMethod(type.GetGenericArguments())
                .Invoke(null, [value, null, null]);
        }
        var task = (Task)value!;
        CellThread.Pump(task);
        var result = task.GetType().GetProperty("Result")!;
        return Task.FromResult(
            result.PropertyType == typeof(Unit) || result.PropertyType.Name == "VoidTaskResult"
                ? CellValue.None
                : new CellValue(true, result.GetValue(task))
        );
    }
}
