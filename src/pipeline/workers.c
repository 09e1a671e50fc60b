/* Normalisers on threads of their own. */
#include "pipeline/workers.h"

#include "base/ctx.h"
#include "base/mem.h"

static wr_task *task_of(wr_workers *workers, uint64_t number)
{
    return &workers->tasks[number % (2 * WR_WORKERS_MAX)];
}

/* The additions of a result are the normaliser's until its next frame: take them along. */
static void keep_additions(wr_task *task)
{
    for (size_t i = 0; i < task->result.additions.len; i++)
        wr_addition_keep(&task->arena, &task->result.additions.ptr[i]);
}

/* The walk changes a frame's text in place, and this one may have to be done again: it walks a copy. */
static wr_frame copy_of(wr_worker *worker, const wr_frame *frame)
{
    const size_t need = frame->len + WR_JSON_PADDING;
    if (need > worker->copy_cap) {
        worker->copy = wr_realloc(worker->copy, need);
        worker->copy_cap = need;
    }
    memcpy(worker->copy, frame->content, frame->len);
    memset(worker->copy + frame->len, 0, WR_JSON_PADDING);
    wr_frame ret = *frame;
    ret.content = worker->copy;
    return ret;
}

static void normalize_task(weir_ctx *cx, wr_worker *worker, wr_task *task)
{
    const wr_frame frame = copy_of(worker, task->frame);
    task->mark = (wr_frame_mark){ 0 };
    task->status =
        wr_normalize(cx, worker->normalizer, task->schema, &frame, &task->mark, &task->result);
    if (task->status == WEIR_OK)
        keep_additions(task);
    else
        task->error = cx->error;
    weir_error_clear(cx);
}

/* The next task that nobody has; NULL when there will be none. */
static wr_task *take(wr_workers *workers)
{
    pthread_mutex_lock(&workers->lock);
    while (workers->taken == workers->issued && !workers->closed)
        pthread_cond_wait(&workers->changed, &workers->lock);
    wr_task *task = NULL;
    if (workers->taken < workers->issued && !workers->closed)
        task = task_of(workers, workers->taken++);
    pthread_mutex_unlock(&workers->lock);
    return task;
}

static weir_status work(weir_ctx *cx, void *arg)
{
    wr_worker *worker = arg;
    wr_workers *workers = worker->workers;
    for (wr_task *task; (task = take(workers));) {
        normalize_task(cx, worker, task);
        pthread_mutex_lock(&workers->lock);
        task->done = true;
        pthread_cond_broadcast(&workers->changed);
        pthread_mutex_unlock(&workers->lock);
    }
    return WEIR_OK;
}

weir_status wr_workers_start(weir_ctx *cx, wr_workers *workers, size_t count,
                             const wr_normalizer_args *args)
{
    *workers = (wr_workers){ .count = count, .room = 2 * count };
    pthread_mutex_init(&workers->lock, NULL);
    pthread_cond_init(&workers->changed, NULL);
    workers->workers = wr_new_array(count + 1, wr_worker);
    for (size_t i = 0; i < count; i++) {
        wr_worker *worker = &workers->workers[i];
        worker->workers = workers;
        worker->normalizer = wr_normalizer_new(args);
        WEIR_TRY(wr_thread_start(cx, &worker->thread, "weir-worker", work, worker));
    }
    return WEIR_OK;
}

bool wr_workers_has_room(wr_workers *workers)
{
    return workers->issued - workers->accepted <
           workers->room; /* both change on this thread only */
}

void wr_workers_issue(wr_workers *workers, wr_frame *frame, wr_schema *schema)
{
    pthread_mutex_lock(&workers->lock);
    wr_task *task = task_of(workers, workers->issued);
    task->frame = frame;
    task->schema = wr_schema_hold(schema);
    task->done = false;
    workers->issued++;
    pthread_cond_broadcast(&workers->changed);
    pthread_mutex_unlock(&workers->lock);
}

wr_task *wr_workers_oldest(wr_workers *workers)
{
    if (workers->accepted == workers->issued)
        return NULL;
    wr_task *task = task_of(workers, workers->accepted);
    pthread_mutex_lock(&workers->lock);
    while (!task->done)
        pthread_cond_wait(&workers->changed, &workers->lock);
    pthread_mutex_unlock(&workers->lock);
    return task;
}

void wr_task_release_batches(wr_task *task)
{
    while (task->status == WEIR_OK && task->result.batches) {
        wr_batch *batch = task->result.batches;
        task->result.batches = batch->next;
        wr_batch_release(batch);
    }
}

void wr_workers_accepted(wr_workers *workers)
{
    wr_task *task = task_of(workers, workers->accepted);
    wr_schema_drop(task->schema);
    task->schema = NULL;
    wr_arena_reset(&task->arena);
    pthread_mutex_lock(&workers->lock);
    workers->accepted++;
    pthread_mutex_unlock(&workers->lock);
}

void wr_workers_stop(weir_ctx *cx, wr_workers *workers, const wr_frames *frames)
{
    if (!workers->workers)
        return;
    pthread_mutex_lock(&workers->lock);
    workers->closed = true;
    pthread_cond_broadcast(&workers->changed);
    pthread_mutex_unlock(&workers->lock);
    for (size_t i = 0; i < workers->count; i++)
        if (wr_thread_join(cx, &workers->workers[i].thread) != WEIR_OK)
            weir_error_clear(cx); /* workers keep their errors in the tasks */
    while (workers->accepted < workers->issued) {
        wr_task *task = task_of(workers, workers->accepted);
        if (task->done)
            wr_task_release_batches(task);
        frames->done(frames->self, task->frame);
        wr_workers_accepted(workers);
    }
}

void wr_workers_free(wr_workers *workers)
{
    if (!workers->workers)
        return;
    for (size_t i = 0; i < workers->count; i++) {
        wr_normalizer_free(workers->workers[i].normalizer);
        wr_free(workers->workers[i].copy);
    }
    for (size_t i = 0; i < 2 * WR_WORKERS_MAX; i++) {
        wr_normalized_done(&workers->tasks[i].result);
        wr_arena_done(&workers->tasks[i].arena);
    }
    wr_free(workers->workers);
    workers->workers = NULL;
    pthread_cond_destroy(&workers->changed);
    pthread_mutex_destroy(&workers->lock);
}
